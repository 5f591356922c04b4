// Refused: qmr: the function can not be called with a task. It must take it by value, by const
#include <qmr/qmr.hpp>
#include <vector>

int increment(int& x);

void run(const qmr::Pool& pool, const std::vector<int>& tasks) {
    pool.map(increment, tasks);
}
