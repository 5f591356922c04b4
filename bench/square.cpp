// A million tiny tasks on two local cores, the whole call of map(). bench/square.py does the same in Python.

#include <cstdint>
#include <numeric>
#include <stdexcept>

#include "measure.hpp"

std::int64_t square(std::int64_t x) {
    return x * x;
}

int main(int argc, char** argv) {
    qmr::init(argc, argv);
    std::vector<std::int64_t> tasks(1'000'000);
    std::iota(tasks.begin(), tasks.end(), std::int64_t{0});
    const qmr::Pool pool(bench::local_options(2));

    std::vector<std::int64_t> results;
    bench::report("square_qmr", bench::seconds_of([&] { results = pool.map(square, tasks); }), "s");
    for (std::size_t i = 0; i < tasks.size(); ++i)
        if (results.at(i) != tasks[i] * tasks[i]) throw std::logic_error("a wrong result");
}
