// Refused: qmr: a task can not be written to a file. Its type must be default constructible
#include <qmr/qmr.hpp>
#include <utility>
#include <vector>

struct Hit {
    double x = 0;
};
double sum_of(const std::pair<int, Hit>& hits);

void run(const qmr::Pool& pool, const std::vector<std::pair<int, Hit>>& tasks) {
    pool.map(sum_of, tasks);
}
