// Refused: qmr: the result of the function can not be written to a file. Its type must be default
#include <qmr/qmr.hpp>
#include <vector>

struct Hit {
    double x = 0;
};
std::vector<Hit> hits_of(int task);

void run(const qmr::Pool& pool, const std::vector<int>& tasks) {
    pool.map(hits_of, tasks);
}
