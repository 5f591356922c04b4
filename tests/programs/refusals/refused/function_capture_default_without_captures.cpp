// Refused: qmr: the function can not travel to a worker node. It must be a free function, a lambda
#include <qmr/qmr.hpp>
#include <vector>

// Empty, but such a lambda has no default constructor.
void run(const qmr::Pool& pool, const std::vector<int>& tasks) {
    pool.map([=](int task) { return task; }, tasks);
}
