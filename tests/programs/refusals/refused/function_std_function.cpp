// Refused: qmr: the function can not travel to a worker node. It must be a free function, a lambda
#include <functional>
#include <qmr/qmr.hpp>
#include <vector>

void run(const qmr::Pool& pool, const std::vector<int>& tasks, const std::function<int(int)>& f) {
    pool.map(f, tasks);
}
