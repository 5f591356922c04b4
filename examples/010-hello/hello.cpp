#include <iostream>
#include <qmr/qmr.hpp>
#include <vector>

double square(double x) {
    return x * x;
}

int main(int argc, char** argv) try {
    qmr::init(argc, argv);  // first line: on a worker node this runs a chunk and does not return
    qmr::Pool pool;         // the site's batch system, or the cores of this machine

    const std::vector<double> tasks{1, 2, 3, 4, 5};
    const std::vector<double> results = pool.map(square, tasks);

    for (const double result : results) std::cout << result << '\n';
} catch (const qmr::Error& error) {
    std::cerr << "hello: " << error.what() << '\n';
    return 1;
}
