#include <iostream>
#include <qmr/qmr.hpp>
#include <stdexcept>

#include "fit.hpp"

static int reciprocal_of(int x) {
    if (x == 0) throw std::invalid_argument("division by zero");
    return 60 / x;
}

static void print_all(const auto& values) {
    for (const auto& value : values) std::cout << value << '\n';
}

int main(int argc, char** argv) {
    qmr::init(argc, argv);
    qmr::PoolOptions options;
    options.progress = qmr::Progress::silent;
    const qmr::Pool pool(options);

    print_all(values_of(pool, Line{2, 1}, {1, 2, 3}));
    print_all(names_of(pool, {{1, "muon "}, {2, "pion "}}));
    print_all(pool.map([](int x, int y) { return x * y; }, std::vector{1, 2, 3}, std::vector{4, 5, 6}));
    print_all(pool.map(reciprocal_of, std::vector{1, 2, 3}));

    try {
        static_cast<void>(pool.map(reciprocal_of, std::vector{1, 0}));
    } catch (const qmr::MapError& error) {
        std::cout << error.failures().at(0).itask << ": " << error.failures().at(0).message << '\n'
                  << error.results<int>().at(0).value() << '\n';
        std::filesystem::remove_all(error.work_dir());
    }
}
