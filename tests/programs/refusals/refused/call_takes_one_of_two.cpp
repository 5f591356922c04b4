// Refused: qmr: the function can not be called with a task. It must take it by value, by const
#include <qmr/qmr.hpp>
#include <vector>

int square(int x);

void run(const qmr::Pool& pool, const std::vector<int>& xs, const std::vector<int>& ys) {
    pool.map(square, xs, ys);
}
