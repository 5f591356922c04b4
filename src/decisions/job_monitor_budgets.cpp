// What becomes of a chunk whose attempt has ended without a result, once it is known how far it came.

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "decisions/job_monitor.hpp"

namespace qmr::detail {

namespace {

// Before an attempt ended unseen, hardly more tasks than these can have had outcomes by that end alone.
constexpr std::size_t num_suspects = 8;

// Tasks that are to blame one after the other: it is something else that is wrong.
constexpr std::size_t max_num_blamed_in_a_row = 3;

// A task can bring these about. What else goes wrong is no fault of the tasks.
bool may_be_by_task(Cause cause) {
    return cause == Cause::out_of_memory || cause == Cause::out_of_time || cause == Cause::vanished ||
           cause == Cause::crash;
}

}  // namespace

std::vector<Measure> JobMonitor::attempts_to_measure() {
    tidy(ended_, ChunkState::ended);
    std::vector<Measure> measure;
    for (const std::size_t ichunk : ended_) {
        const Ending& ending = chunks_[ichunk].ending;
        measure.push_back({ichunk, ending.job, ending.cause, ending.message});
    }
    return measure;
}

void JobMonitor::measured(std::size_t ichunk, const Achieved& achieved, Seconds now) {
    Chunk& chunk = chunks_[ichunk];
    if (chunk.state != ChunkState::ended) return;
    chunk.achieved = achieved;
    judge_host(ichunk, now);
    const bool is_further = achieved.num_records > chunk.num_done;
    if (is_further || achieved.seconds >= Breaker::long_enough.count())
        has_gone_well();
    else
        has_failed(chunk.ending.job, chunk.ending.cause, chunk.ending.message, now, achieved.host,
                   achieved.is_by_setup);
    chunk.ending.came_further = is_further;
    is_further ? bring_further(ichunk) : settle_failure(ichunk);
}

// What ends there early, and by no task, may be the fault of the host.
void JobMonitor::judge_host(std::size_t ichunk, Seconds now) {
    const auto& [ending, achieved] = std::tie(chunks_[ichunk].ending, chunks_[ichunk].achieved);
    constexpr double early{30};
    const bool is_early = !achieved.has_begun || (achieved.seconds > 0 && achieved.seconds <= early);
    const bool may_be_by_host = ending.cause == Cause::worker_failure || ending.cause == Cause::error_state ||
                                ending.cause == Cause::vanished ||
                                (ending.cause == Cause::crash && !ending.was_killed &&
                                 achieved.num_records <= chunks_[ichunk].num_done);
    if (is_early && may_be_by_host && ending.may_retry)
        host_faults_.failed(achieved.host, ichunk, ending.message, now);
}

// Who comes further, be it by one task, has not failed.
void JobMonitor::bring_further(std::size_t ichunk) {
    Chunk& chunk = chunks_[ichunk];
    chunk.num_done = std::min(chunk.achieved.num_records, chunk.achieved.num_tasks);
    chunk.num_retries = {};
    chunk.num_blamed_in_a_row = 0;
    if (!chunk.ending.may_retry) {
        give_up(ichunk);
        return;
    }
    // Now that the process is a new one, what was enough may be so again; except for the first time.
    if (chunk.ending.cause == Cause::out_of_memory && chunk.demand == options_.demand.first)
        ask_for_more(ichunk);
    decisions_.heads.push_back({ichunk, chunk.num_done, std::nullopt, chunk.alone});
    try_again(ichunk, fmt::format(" behind the {} of {} tasks that are done", chunk.num_done,
                                  chunk.achieved.num_tasks));
}

void JobMonitor::settle_failure(std::size_t ichunk) {
    Chunk& chunk = chunks_[ichunk];
    const Cause cause = chunk.ending.cause;
    // One that a queue job took late would have had more time in a queue job of its own.
    const Job& of_attempt = job(chunk.ending.job);
    if (options_.is_pulled && cause == Cause::out_of_time &&
        (of_attempt.has_committed || of_attempt.chunks.front() != ichunk)) {
        try_again(ichunk, " in a queue job of its own");
        return;
    }
    const std::size_t limit = options_.max_num_retries[cause].value_or(options_.max_num_resubmissions);
    if (!chunk.ending.may_retry || chunk.num_retries[cause] >= limit || !may_ask_for_more(ichunk)) {
        blame_task_or_give_up(ichunk);
        return;
    }
    ++chunk.num_retries[cause];
    ask_for_more(ichunk);
    if (!is_suspect_known(ichunk)) run_alone(ichunk);
    try_again(ichunk, fmt::format(", {} of {}", chunk.num_retries[cause], limit));
}

// At the ceiling, another attempt would end the same way.
bool JobMonitor::may_ask_for_more(std::size_t ichunk) const {
    const Chunk& chunk = chunks_[ichunk];
    if (chunk.ending.cause == Cause::out_of_memory) return !options_.demand.is_most_memory(chunk.demand);
    if (chunk.ending.cause == Cause::out_of_time) return !options_.demand.is_most_walltime(chunk.demand);
    return true;
}

void JobMonitor::ask_for_more(std::size_t ichunk) {
    Chunk& chunk = chunks_[ichunk];
    if (chunk.ending.cause == Cause::out_of_memory)
        chunk.demand = options_.demand.with_more_memory(chunk.demand, chunk.achieved.peak_memory);
    if (chunk.ending.cause == Cause::out_of_time)
        chunk.demand = options_.demand.with_more_walltime(chunk.demand);
}

// Refused. What came further goes on with what the others have: its next task was never the first of a
// process.
void JobMonitor::go_on_without_more(std::size_t ichunk, const std::string& message) {
    Chunk& chunk = chunks_[ichunk];
    chunk.ending.message += "; more was refused: " + message;
    chunk.demand = options_.demand.first;
    if (!chunk.ending.came_further) {
        blame_task_or_give_up(ichunk);
        return;
    }
    try_again(ichunk, fmt::format(" behind the {} tasks that are done", chunk.num_done));
}

bool JobMonitor::is_by_task(std::size_t ichunk) const {
    const Chunk& chunk = chunks_[ichunk];
    return may_be_by_task(chunk.ending.cause) && chunk.ending.may_retry && chunk.achieved.has_begun &&
           chunk.achieved.num_records == chunk.num_done;
}

// Whether it is the task behind those that are done, if it is a task.
bool JobMonitor::is_suspect_known(std::size_t ichunk) const {
    const Chunk& chunk = chunks_[ichunk];
    return !is_by_task(ichunk) || chunk.achieved.is_exact || chunk.alone.holds(chunk.num_done);
}

// The last ones that may have run. Where an attempt ends even before these, the next ones.
void JobMonitor::run_alone(std::size_t ichunk) {
    Chunk& chunk = chunks_[ichunk];
    const std::size_t end = std::max(chunk.achieved.num_outcomes, chunk.num_done) + 1;
    const bool was_in_vain = chunk.num_done < chunk.alone.first;
    const std::size_t first = was_in_vain || end < num_suspects ? 0 : end - num_suspects;
    chunk.alone = {std::max(first, chunk.num_done), end};
    decisions_.heads.push_back({ichunk, chunk.num_done, std::nullopt, chunk.alone});
}

void JobMonitor::blame_task_or_give_up(std::size_t ichunk) {
    const Chunk& chunk = chunks_[ichunk];
    if (!is_suspect_known(ichunk)) {
        run_alone(ichunk);
        try_again(ichunk, ", task by task, to know which one ran");
        return;
    }
    // The last task needs no attempt that goes on behind it.
    const bool is_to_blame = is_by_task(ichunk) && chunk.num_done + 1 < chunk.achieved.num_tasks &&
                             chunk.num_blamed_in_a_row + 1 < max_num_blamed_in_a_row;
    is_to_blame ? blame_task(ichunk) : give_up(ichunk);
}

void JobMonitor::blame_task(std::size_t ichunk) {
    Chunk& chunk = chunks_[ichunk];
    decisions_.heads.push_back(
        {ichunk, chunk.num_done, NewHead::Failed{chunk.ending.cause, chunk.ending.message}, chunk.alone});
    const std::string how =
        fmt::format(" without the task behind the first {}, which is to blame", chunk.num_done);
    ++chunk.num_done;
    ++chunk.num_blamed_in_a_row;
    chunk.num_retries = {};
    chunk.demand = options_.demand.first;
    try_again(ichunk, how);
}

void JobMonitor::give_up(std::size_t ichunk) {
    const Chunk& chunk = chunks_[ichunk];
    decisions_.give_up.push_back({ichunk, chunk.ending.cause, chunk.ending.message, chunk.num_attempts,
                                  chunk.ending.job, std::max(chunk.num_done, chunk.achieved.num_records)});
    set_state(ichunk, ChunkState::failed);
}

// Where queue jobs pull, what needs more than the others, or time from the beginning, gets one of its own.
void JobMonitor::try_again(std::size_t ichunk, const std::string& how) {
    const Chunk& chunk = chunks_[ichunk];
    const Cause cause = chunk.ending.cause;
    decisions_.notes.push_back(
        {ichunk,
         fmt::format("{}; {} again{}{}", chunk.ending.message, options_.is_pulled ? "tried" : "submitted",
                     options_.demand.describe(chunk.demand), how),
         chunk.ending.job});
    if (options_.is_pulled && (cause == Cause::out_of_time || chunk.demand != options_.demand.first)) {
        set_state(ichunk, ChunkState::reserved);
        chunks_[ichunk].freed_of.push_back(chunk.ending.job);
    } else {
        free_claim(ichunk);
    }
}

std::vector<std::string> JobMonitor::excluded_hosts(Seconds now) {
    std::vector<std::string> hosts = host_faults_.excluded(now);
    for (const std::string& host : hosts)
        if (std::ranges::find(excluded_hosts_, host) == excluded_hosts_.end())
            decisions_.warnings.push_back(
                fmt::format("no more queue jobs are sent to {}, where one chunk after the other fails: {}",
                            host, host_faults_.last_message(host)));
    for (const std::string& host : excluded_hosts_)
        if (std::ranges::find(hosts, host) == hosts.end())
            decisions_.warnings.push_back(fmt::format("queue jobs are sent to {} again", host));
    return excluded_hosts_ = std::move(hosts);
}

}  // namespace qmr::detail
