// qmr_simulation FIRST_SEED NUM_HISTORIES [MODE] [trace]: plays random histories of the decisions against a
// model cluster, and tells what is wrong with each, how fast it was, and what was tried. MODE: one_per_chunk,
// pull; without one, each seed is played in both. Ends with 0 when nothing is wrong.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "simulation/history.hpp"

namespace {

using namespace qmr::detail::simulation;

// So few histories do not tell whether all kinds of faults strike.
constexpr std::uint64_t enough_histories = 5000;
constexpr std::uint64_t max_num_problems = 100;

struct Sums {
    std::uint64_t num_histories = 0;
    std::uint64_t num_passes = 0;
    std::uint64_t num_problems = 0;
    FaultCounts faults{};
};

void add_history(Sums& sums, std::uint64_t seed, bool is_pulled, bool is_traced) {
    const HistoryOutcome outcome = play(seed, is_pulled, is_traced);
    ++sums.num_histories;
    sums.num_passes += outcome.num_passes;
    for (std::size_t i = 0; i < num_faults; ++i) sums.faults[i] += outcome.faults[i];
    if (outcome.problem.empty()) return;
    const char* mode = is_pulled ? "pull" : "one_per_chunk";
    ++sums.num_problems;
    fmt::print("seed {} mode {}: {}\n    to see it: qmr_simulation {} 1 {} trace\n", seed, mode,
               outcome.problem, seed, mode);
}

void report(const Sums& sums, double seconds) {
    for (std::size_t i = 0; i < num_faults; ++i)
        fmt::print("{:>9} {}\n", sums.faults[i], to_string(static_cast<Fault>(i)));
    fmt::print("{:>9} histories, {:.1f} passes each, {:.0f} histories a minute\n", sums.num_histories,
               static_cast<double>(sums.num_passes) / static_cast<double>(sums.num_histories),
               static_cast<double>(sums.num_histories) / seconds * 60);
    fmt::print("{:>9} problems\n", sums.num_problems);
}

bool have_all_struck(const Sums& sums) {
    bool all = true;
    for (std::size_t i = 0; i < num_faults; ++i)
        if (sums.num_histories >= enough_histories && sums.faults[i] == 0) {
            fmt::print("never tried: {}\n", to_string(static_cast<Fault>(i)));
            all = false;
        }
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    if (arguments.size() < 2) {
        fmt::print(stderr, "usage: qmr_simulation FIRST_SEED NUM_HISTORIES [one_per_chunk|pull] [trace]\n");
        return 2;
    }
    const std::uint64_t first = std::strtoull(argv[1], nullptr, 10);
    const std::uint64_t number = std::strtoull(argv[2], nullptr, 10);
    const auto has = [&](std::string_view word) {
        return std::find(arguments.begin() + 2, arguments.end(), word) != arguments.end();
    };
    const auto begin = std::chrono::steady_clock::now();
    Sums sums;
    // Each seed is one history of each mode.
    const bool is_both = !has("pull") && !has("one_per_chunk");
    for (std::uint64_t i = 0; i < number && sums.num_problems < max_num_problems; ++i)
        add_history(sums, first + (is_both ? i / 2 : i), is_both ? i % 2 == 1 : has("pull"), has("trace"));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    report(sums, took.count());
    return have_all_struck(sums) && sums.num_problems == 0 ? 0 : 1;
}
