// Refused: qmr: the function can not travel to a worker node. It must be a free function, a lambda
#include <functional>
#include <qmr/qmr.hpp>
#include <vector>

int multiply(int x, int y);

void run(const qmr::Pool& pool, const std::vector<int>& tasks) {
    pool.map(std::bind(multiply, 2, std::placeholders::_1), tasks);
}
