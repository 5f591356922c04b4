#include "chaos/plan.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace qmr::test {

namespace {

using dummy_queue::Fault;
using dummy_queue::FaultKind;

class Dice {
  public:
    explicit Dice(std::uint32_t seed) : random_(seed) {}

    [[nodiscard]] int pick(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
    [[nodiscard]] bool chance(int percent) { return pick(1, 100) <= percent; }
    template <class T, std::size_t n>
    [[nodiscard]] T one_of(const std::array<T, n>& all) {
        return all[static_cast<std::size_t>(pick(0, static_cast<int>(n) - 1))];
    }

  private:
    std::mt19937 random_;
};

ChaoticTask::Kind draw_kind(Dice& dice) {
    using Kind = ChaoticTask::Kind;
    return dice.chance(85) ? Kind::value
                           : dice.one_of(std::array{Kind::throws, Kind::segfaults, Kind::exits});
}

// Each of them so seldom that no limit is ever reached.
Fault draw_fault(Dice& dice, std::size_t num_chunks) {
    constexpr std::array kinds{
        FaultKind::evil,          FaultKind::vanishes,
        FaultKind::killed,        FaultKind::killed_by_limit,
        FaultKind::starts_twice,  FaultKind::late_out,
        FaultKind::lingers,       FaultKind::qsub_fails_though_queued,
        FaultKind::qsub_hangs,    FaultKind::qsub_hangs_though_queued,
        FaultKind::qstat_fails,   FaultKind::qstat_hangs,
        FaultKind::qstat_garbage, FaultKind::qstat_warns,
        FaultKind::listing_lags,  FaultKind::qdel_fails,
        FaultKind::qdel_hangs,
    };
    Fault fault;
    fault.kind = dice.one_of(kinds);
    fault.max_num_fails = static_cast<std::uint64_t>(dice.pick(1, 2));
    fault.max_num_spared = static_cast<std::uint64_t>(dice.pick(0, 3));
    const int last_chunk = static_cast<int>(num_chunks) - 1;
    const bool needs_chunk = fault.kind == FaultKind::late_out;
    if (row_of(fault.kind).of_queue_jobs && (needs_chunk || dice.chance(50)))
        fault.ichunk = static_cast<std::uint64_t>(dice.pick(0, last_chunk));
    const auto num_calls = static_cast<std::uint64_t>(dice.pick(1, 3));
    switch (fault.kind) {
        case FaultKind::killed_by_limit:
            fault.limit = dice.chance(50) ? "h_rt" : "h_vmem";
            fault.after_seconds = dice.pick(0, 30) / 1000.0;
            break;
        case FaultKind::killed:
            fault.after_seconds = dice.pick(0, 30) / 1000.0;
            break;
        case FaultKind::vanishes:
            fault.while_state = dice.chance(50) ? "running" : "pending";
            break;
        case FaultKind::lingers:
            fault.as = dice.chance(50) ? "dr" : "unchanged";
            fault.num_calls = num_calls;
            break;
        case FaultKind::late_out:
        case FaultKind::listing_lags:
            fault.num_calls = num_calls;
            break;
        case FaultKind::qsub_hangs:
        case FaultKind::qsub_hangs_though_queued:
        case FaultKind::qstat_hangs:
        case FaultKind::qdel_hangs:
            fault.seconds = 5;  // longer than any time limit
            break;
        default:
            break;
    }
    return fault;
}

std::vector<int> draw_times(Dice& dice, int max_number, int latest) {
    std::vector<int> times(static_cast<std::size_t>(dice.pick(0, max_number)));
    for (int& time : times) time = dice.pick(0, latest);
    std::ranges::sort(times);
    return times;
}

}  // namespace

ChaosPlan make_plan(std::uint32_t seed) {
    Dice dice(seed);
    ChaosPlan plan;
    plan.jobs = dice.chance(50) ? Jobs::pull : Jobs::one_per_chunk;
    plan.are_arrays = dice.chance(75);
    const int num_tasks = dice.pick(1, 60);
    for (int i = 0; i < num_tasks; ++i)
        plan.tasks.push_back({i, draw_kind(dice), dice.chance(70) ? 0 : dice.pick(1, 15)});
    plan.num_chunks = static_cast<std::size_t>(dice.pick(1, std::min(num_tasks, 15)));
    const int num_faults = dice.pick(0, 5);
    for (int i = 0; i < num_faults; ++i) plan.faults.push_back(draw_fault(dice, plan.num_chunks));
    plan.kills_of_caller = draw_times(dice, 4, 250);
    plan.kills_of_workers = draw_times(dice, 3, 400);
    if (dice.chance(30)) plan.backup_factor = dice.pick(11, 40) / 10.0;
    return plan;
}

}  // namespace qmr::test
