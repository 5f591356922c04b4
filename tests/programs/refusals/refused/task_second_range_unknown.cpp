// Refused: qmr: a task can not be written to a file. Its type must be default constructible
#include <qmr/qmr.hpp>
#include <vector>

struct Hit {
    double x = 0;
};
double sum_of(int number, const Hit& hit);

void run(const qmr::Pool& pool, const std::vector<int>& numbers, const std::vector<Hit>& hits) {
    pool.map(sum_of, numbers, hits);
}
