// Refused: qmr: the function can not travel to a worker node. It must be a free function, a lambda
#include <qmr/qmr.hpp>
#include <vector>

struct Line {
    double slope = 1;
    double operator()(double x) const { return slope * x; }
};

void run(const qmr::Pool& pool, const std::vector<double>& xs) {
    pool.map(Line{2}, xs);
}
