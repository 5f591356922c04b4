#pragma once
// All that goes wrong in the model, how likely it is in a history, and how often it did.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "simulation/dice.hpp"

namespace qmr::detail::simulation {

enum class Fault : std::uint8_t {
    // of queue jobs
    job_goes_to_error,
    job_in_error_is_cleared,
    job_vanishes_while_it_waits,
    job_vanishes_before_its_command,
    job_is_killed,
    job_is_killed_for_memory,
    job_is_killed_for_time,
    job_is_told_to_leave,
    job_is_deleted_by_somebody,
    job_starts_twice,
    job_runs_again,
    job_is_held,
    job_is_suspended,
    job_has_unknown_state,
    job_lingers,
    job_is_slow,
    tasks_end_before_their_worker,
    // of hosts, and of all of them
    black_hole,
    binary_has_changed,
    wrong_set_up,
    // of workers
    worker_can_not_write,
    worker_crashes_in_setup,
    result_is_late,
    result_is_corrupt,
    part_is_late,
    exit_record_is_late,
    exit_record_is_missing,
    head_is_seen_late,
    claim_is_seen_late,
    claim_is_out_of_date,
    // of tasks
    task_throws,
    task_ends_its_process,
    task_kills_all,
    task_wants_memory,
    task_wants_time,
    // of submissions
    submit_fails,
    submit_fails_though_queued,
    submit_hangs,
    submit_hangs_though_queued,
    submit_is_busy,
    submit_is_full,
    submit_is_full_though_queued,
    submit_is_too_large,
    submit_is_refused,
    submit_goes_elsewhere,
    submit_does_not_tell_where,
    // of second queue jobs for stragglers, for good or ill
    backup_is_submitted,
    backup_is_refused,
    backup_or_first_fails,
    backup_wins,
    backup_loses,
    // of the other programs of the batch system
    list_fails,
    list_hangs,
    list_is_garbage,
    list_comes_with_a_warning,
    list_lags,
    list_misses_a_job,
    list_leaves_out_a_place,
    delete_fails,
    delete_hangs,
    account_is_late,
    account_is_missing,
    account_has_odd_times,
    outage,
    // of the process node
    head_can_not_be_written,
    claim_can_not_be_freed,
    claims_can_not_be_listed,
    node_is_killed,
    node_is_interrupted,
    node_sleeps,
    node_has_another_clock,
    num_kinds,
};

inline constexpr auto num_faults = static_cast<std::size_t>(Fault::num_kinds);

[[nodiscard]] std::string_view to_string(Fault fault);

/// By kind.
using FaultCounts = std::array<std::uint64_t, num_faults>;

class Faults {
  public:
    void set_rate(Fault fault, double rate) { rates_[index(fault)] = rate; }
    [[nodiscard]] bool can_strike(Fault fault) const { return rates_[index(fault)] > 0; }
    /// After so many, there are no more; so each history ends.
    void set_most(std::size_t most) { num_left_ = most; }

    /// Whether it happens now, which counts.
    bool strikes(Fault fault, Dice& dice) {
        const double rate = rates_[index(fault)];
        if (rate <= 0 || num_left_ == 0 || !dice.chance(rate)) return false;
        --num_left_;
        count(fault);
        return true;
    }
    /// It happened, by no chance.
    void count(Fault fault) { ++counts_[index(fault)]; }

    [[nodiscard]] const FaultCounts& counts() const { return counts_; }
    [[nodiscard]] std::uint64_t count_of(Fault fault) const { return counts_[index(fault)]; }

  private:
    static std::size_t index(Fault fault) { return static_cast<std::size_t>(fault); }

    std::array<double, num_faults> rates_{};
    FaultCounts counts_{};
    std::size_t num_left_ = 0;
};

}  // namespace qmr::detail::simulation
