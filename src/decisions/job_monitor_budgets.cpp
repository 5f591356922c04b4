// What becomes of a chunk whose attempt has ended without a result, once it is known how far it came.

#include <fmt/format.h>

#include <algorithm>

#include "decisions/job_monitor.hpp"

namespace qmr::detail {

namespace {

// Tasks that are to blame one after the other: it is something else that is wrong.
constexpr std::size_t max_num_blamed_in_a_row = 3;

// A task can bring these about. What else goes wrong is no fault of the tasks.
bool may_be_by_task(Cause cause) {
    return cause == Cause::out_of_memory || cause == Cause::out_of_time || cause == Cause::vanished ||
           cause == Cause::crash;
}

}  // namespace

std::vector<Measure> JobMonitor::attempts_to_measure() {
    std::erase_if(ended_, [this](std::size_t i) { return chunks_[i].state != ChunkState::ended; });
    std::ranges::sort(ended_);
    ended_.erase(std::ranges::unique(ended_).begin(), ended_.end());
    std::vector<Measure> measure;
    for (const std::size_t ichunk : ended_) {
        const Chunk& chunk = chunks_[ichunk];
        measure.push_back({ichunk, chunk.job, chunk.ending.cause, chunk.ending.message});
    }
    return measure;
}

void JobMonitor::measured(std::size_t ichunk, const Achieved& achieved) {
    if (chunks_[ichunk].state != ChunkState::ended) return;
    if (achieved.num_records > chunks_[ichunk].num_done)
        bring_further(ichunk, achieved);
    else
        settle_failure(ichunk, achieved);
}

// Who comes further, be it by one task, has not failed.
void JobMonitor::bring_further(std::size_t ichunk, const Achieved& achieved) {
    Chunk& chunk = chunks_[ichunk];
    chunk.num_done = std::min(achieved.num_records, achieved.num_tasks);
    chunk.num_resubmissions = 0;
    chunk.num_blamed_in_a_row = 0;
    if (!chunk.ending.may_retry) {
        give_up(ichunk, achieved);
        return;
    }
    decisions_.heads.push_back({ichunk, chunk.num_done, std::nullopt});
    decisions_.notes.push_back(
        {ichunk,
         fmt::format("{}; {} again behind the {} of {} tasks that are done", chunk.ending.message,
                     options_.is_pulled ? "tried" : "submitted", chunk.num_done, achieved.num_tasks)});
    free_claim(ichunk);
}

void JobMonitor::settle_failure(std::size_t ichunk, const Achieved& achieved) {
    Chunk& chunk = chunks_[ichunk];
    const Ending& ending = chunk.ending;
    // One that a queue job took late would have had more time in a queue job of its own.
    if (options_.is_pulled && ending.cause == Cause::out_of_time && job(chunk.job).chunks.front() != ichunk) {
        decisions_.notes.push_back({ichunk, ending.message + "; tried again in another queue job"});
        free_claim(ichunk);
        return;
    }
    if (ending.may_retry && chunk.num_resubmissions < options_.max_num_resubmissions) {
        ++chunk.num_resubmissions;
        decisions_.notes.push_back(
            {ichunk,
             fmt::format("{}; {} again, {} of {}", ending.message, options_.is_pulled ? "tried" : "submitted",
                         chunk.num_resubmissions, options_.max_num_resubmissions)});
        free_claim(ichunk);
        return;
    }
    // The last task needs no attempt that goes on behind it.
    const bool is_by_task = may_be_by_task(ending.cause) && ending.may_retry && achieved.has_begun &&
                            achieved.num_records == chunk.num_done &&
                            chunk.num_done + 1 < achieved.num_tasks &&
                            chunk.num_blamed_in_a_row + 1 < max_num_blamed_in_a_row;
    is_by_task ? blame_task(ichunk) : give_up(ichunk, achieved);
}

void JobMonitor::blame_task(std::size_t ichunk) {
    Chunk& chunk = chunks_[ichunk];
    decisions_.heads.push_back(
        {ichunk, chunk.num_done,
         NewHead::Failed{chunk.ending.cause, chunk.ending.message, chunk.num_resubmissions + 1}});
    decisions_.notes.push_back(
        {ichunk, fmt::format("{}; the task behind the first {} of the chunk is to blame, "
                             "and the others go on without it",
                             chunk.ending.message, chunk.num_done)});
    ++chunk.num_done;
    ++chunk.num_blamed_in_a_row;
    chunk.num_resubmissions = 0;
    free_claim(ichunk);
}

void JobMonitor::give_up(std::size_t ichunk, const Achieved& achieved) {
    const Chunk& chunk = chunks_[ichunk];
    decisions_.give_up.push_back({ichunk, chunk.ending.cause, chunk.ending.message, chunk.num_attempts,
                                  chunk.job, std::max(chunk.num_done, achieved.num_records)});
    set_state(ichunk, ChunkState::failed);
}

}  // namespace qmr::detail
