// qmr_chaos FIRST_SEED NUM_SEEDS [NUM_AT_A_TIME]: plays histories of chaos, tells what is wrong with each,
// and at the end what was tried. Ends with 0 when nothing is wrong.

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <qmr/qmr.hpp>
#include <string>
#include <vector>

#include "chaos/history.hpp"
#include "temporary_directory.hpp"

namespace {

using qmr::test::ChaosOutcome;

// Each process plays every n-th seed, and leaves a file.
ChaosOutcome play(std::uint32_t first, std::uint32_t number, std::uint32_t num_at_a_time) {
    const qmr::test::TemporaryDirectory directory;
    const auto file_of = [&](std::uint32_t i) { return (directory / std::to_string(i)).native(); };
    std::vector<pid_t> players;
    for (std::uint32_t i = 0; i < num_at_a_time; ++i) {
        players.push_back(::fork());
        if (players.back() != 0) continue;
        ChaosOutcome outcome;
        for (std::uint32_t seed = first + i; seed < first + number; seed += num_at_a_time)
            outcome.add(qmr::test::play_chaos(seed).to_json());
        std::ofstream(file_of(i)) << outcome.to_json();
        ::_exit(0);
    }
    ChaosOutcome all;
    for (std::uint32_t i = 0; i < num_at_a_time; ++i) {
        ::waitpid(players[i], nullptr, 0);
        const auto outcome = nlohmann::json::parse(std::ifstream(file_of(i)), nullptr, false);
        if (outcome.is_discarded())
            all.problems.push_back(fmt::format("player {} of {} died", i, num_at_a_time));
        else
            all.add(outcome);
    }
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    qmr::init(argc, argv);
    const auto argument = [&](int i, unsigned long otherwise) {
        return static_cast<std::uint32_t>(argc > i ? std::strtoul(argv[i], nullptr, 10) : otherwise);
    };
    if (argc < 3 || argument(2, 0) == 0) {
        fmt::print(stderr, "usage: qmr_chaos FIRST_SEED NUM_SEEDS [NUM_AT_A_TIME]\n");
        return 2;
    }
    const ChaosOutcome outcome = play(argument(1, 0), argument(2, 1), argument(3, 1));
    for (const std::string& problem : outcome.problems) fmt::print("{}\n", problem);
    for (const auto& [what, number] : outcome.counts) fmt::print("{:>8} {}\n", number, what);
    fmt::print("{:>8} problems\n", outcome.problems.size());
    return outcome.problems.empty() ? 0 : 1;
}
