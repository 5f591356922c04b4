// Refused: qmr: the function can not travel to a worker node. It must be a free function, a lambda
#include <qmr/qmr.hpp>
#include <vector>

// The type that the result is given to must not be complained about first.
double run(const qmr::Pool& pool, const std::vector<double>& tasks, double x) {
    const std::vector<double> products = pool.map([x](double task) { return task * x; }, tasks);
    return products.at(0);
}
