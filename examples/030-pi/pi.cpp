// Estimates pi by throwing darts at a square with a quarter of a disc in it.
//
// Shows a function object with data, and tasks that are made on the fly. Each task has a generator of its
// own, seeded by its number, so the result is the same however the tasks are cut into chunks and wherever
// they run.

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iomanip>
#include <iostream>
#include <numeric>
#include <qmr/qmr.hpp>
#include <random>
#include <ranges>
#include <vector>

struct CountHits {
    std::uint32_t seed = 0;
    std::uint64_t num_darts = 0;

    std::uint64_t operator()(std::uint32_t itask) const {
        std::seed_seq seeds{seed, itask};
        std::mt19937_64 random(seeds);
        std::uint64_t num_hits = 0;
        for (std::uint64_t i = 0; i < num_darts; ++i) {
            // In whole numbers, which no compiler and no processor rounds differently.
            const std::uint64_t dart = random();
            const std::uint64_t x = dart >> 33;
            const std::uint64_t y = dart & 0x7FFF'FFFF;
            if (x * x + y * y < std::uint64_t{1} << 62) ++num_hits;
        }
        return num_hits;
    }

    // The object travels to the worker nodes by this.
    template <class Archive>
    void serialize(Archive& archive) {
        archive(seed, num_darts);
    }
};

bool read_number(const char* text, std::uint32_t& number) {
    const char* end = text + std::strlen(text);
    const auto [rest, error] = std::from_chars(text, end, number);
    return error == std::errc() && rest == end;
}

int main(int argc, char** argv) try {
    qmr::init(argc, argv);
    std::uint32_t num_tasks = 200;
    std::uint32_t seed = 1;
    if (argc > 3 || (argc > 1 && !read_number(argv[1], num_tasks)) ||
        (argc > 2 && !read_number(argv[2], seed)) || num_tasks == 0) {
        std::cerr << "usage: pi [NUM_TASKS [SEED]], a million darts each; 200 and 1 by default\n";
        return 2;
    }
    const CountHits count_hits{seed, 1'000'000};

    const qmr::Pool pool;
    const std::vector<std::uint64_t> hits =
        pool.map(count_hits, std::views::iota(std::uint32_t{0}, num_tasks));

    const double num_hits = static_cast<double>(std::accumulate(hits.begin(), hits.end(), std::uint64_t{0}));
    const double num_darts = static_cast<double>(count_hits.num_darts) * num_tasks;
    const double share = num_hits / num_darts;
    const double error = 4 * std::sqrt(share * (1 - share) / num_darts);
    std::cout << std::fixed << std::setprecision(6) << "pi = " << 4 * share << " +- " << error << '\n';
} catch (const qmr::Error& error) {
    std::cerr << "pi: " << error.what() << '\n';
    return 1;
}
