// Queue jobs that take chunks by themselves: what their claims mean, and how many are wanted.

#include <fmt/format.h>

#include <algorithm>

#include "decisions/job_monitor.hpp"

namespace qmr::detail {

void JobMonitor::take(std::size_t ichunk, JobKey key, Seconds now) {
    set_state(ichunk, ChunkState::taken);
    chunks_[ichunk].job = key;
    chunks_[ichunk].taken_at = now;
    ++chunks_[ichunk].num_attempts;
    job(key).chunks.push_back(ichunk);
    job(key).is_excused = true;
}

void JobMonitor::claimed(std::size_t ichunk, JobKey by, Seconds now) {
    if (!is_left(ichunk)) return;
    // A claim that was taken away can be seen for a while; one of nobody would be in the way for ever.
    if (!knows(by) || is_freed_of(ichunk, by)) {
        withdraw({ichunk, by});
        return;
    }
    revive(by, now);
    take(ichunk, by, now);
    chunks_[ichunk].claimant = by;
    if (const auto& end = job(by).end) end_attempt(ichunk, by, Cause::worker_failure, *end, true);
}

// What an attempt says of its end may be seen before its claim. False: the attempt is superseded.
bool JobMonitor::take_unseen(std::size_t ichunk, JobKey key, Seconds now) {
    if (!knows(key)) return false;
    if (options_.is_pulled && is_left(ichunk) && !is_freed_of(ichunk, key)) {
        revive(key, now);
        take(ichunk, key, now);
        chunks_[ichunk].claimant = key;
    }
    if (!waits_for(ichunk, key)) return false;
    Submission& submission = submissions_[key.isubmission];
    if (submission.state != SubmissionState::accepted)
        submit_accepted(key.isubmission, submission.JB_job_number, now);
    return true;
}

bool JobMonitor::is_freed_of(std::size_t ichunk, JobKey key) const {
    const auto& freed_of = chunks_[ichunk].freed_of;
    return std::ranges::find(freed_of, key) != freed_of.end();
}

// Once, also when the claim is seen after it was to be taken away, and before it is.
void JobMonitor::withdraw(const FreeClaim& claim) {
    if (std::ranges::find(decisions_.free, claim) == decisions_.free.end()) decisions_.free.push_back(claim);
}

// What does something is, or was, in the queue, whatever was thought.
void JobMonitor::revive(JobKey key, Seconds now) {
    Submission& submission = submissions_[key.isubmission];
    if (submission.state != SubmissionState::accepted)
        submit_accepted(key.isubmission, submission.JB_job_number, now);
    Job& revived = job(key);
    forget_error(revived);
    if (revived.is_live || revived.end) return;
    revived.is_live = true;
    revived.num_missing_polls = 0;
    revived.missing_since = now;
    live_.push_back(key);
}

// Somebody cleared it, and it runs: that explains no end of it any more.
void JobMonitor::forget_error(Job& job) {
    if (job.explanation && job.explanation->cause == Cause::error_state) job.explanation.reset();
}

void JobMonitor::ended(JobKey key, bool has_failed, const std::string& message, Seconds now, Cause cause) {
    Job& over = job(key);
    over.end = message;
    over.is_live = false;
    over.is_excused = over.is_excused || !has_failed;
    if (options_.is_pulled) std::erase(live_, key);
    end_attempts(key, cause, message, now);
}

bool JobMonitor::is_pulling(const Job& job) const {
    return options_.is_pulled && !job.is_leaving && (has_begun(job) || !is_in_doubt());
}

// One in a state that is not known here is left alone.
bool JobMonitor::has_begun(const Job& job) {
    return job.state == JobState::running || job.state == JobState::suspended ||
           job.state == JobState::unknown || !job.chunks.empty();
}

bool JobMonitor::is_out_of_sight(const Job& job) {
    return job.last_poll > 0 && job.is_excused && job.num_missing_polls >= 2;
}

// A queue job that comes to its end, or to an error state, before it took a chunk, while there were some.
// One that may have found nothing left has done nothing wrong.
void JobMonitor::end_without_chunk(JobKey key, Cause cause, const std::string& message, Seconds now) {
    if (job(key).is_excused || num_left_ == 0) return;
    count_idle(key, cause, message, now);
    // Once, also when a listing that lags shows it again.
    job(key).is_excused = true;
}

// Those that were submitted together and end at about the same time may have met with the same accident.
void JobMonitor::count_idle(JobKey key, Cause cause, const std::string& message, Seconds now) {
    has_failed(key, cause, message, now);
    constexpr Seconds same_accident{10};
    if (key.isubmission < first_isubmission_to_count_ && now - last_idle_at_ < same_accident) return;
    last_idle_at_ = now;
    first_isubmission_to_count_ = submissions_.size();
    ++num_idle_in_a_row_;
    last_idle_ = {0, cause, message, 0, key};
    if (!is_in_doubt())
        decisions_.notes.push_back(
            {std::nullopt, fmt::format("{}; submitted again, {} of {}", message, num_idle_in_a_row_,
                                       options_.max_num_idle_jobs)});
}

// The executable is not what it was, there or everywhere. Others may do better, and the chunk is none the
// worse.
void JobMonitor::refused(JobKey by, std::size_t ichunk, Cause cause, const std::string& message,
                         Seconds now) {
    --chunks_[ichunk].num_attempts;
    if (!goes_on_without(ichunk, by)) free_claim(ichunk);
    job(by).is_leaving = true;
    count_idle(by, cause, message, now);
}

void JobMonitor::free_claim(std::size_t ichunk) {
    Chunk& chunk = chunks_[ichunk];
    set_state(ichunk, ChunkState::left);
    if (!options_.is_pulled) return;
    // Whoever worked on it last may not be the one that has the claim.
    const JobKey claimant = chunk.claimant.value_or(chunk.job);
    chunk.freed_of.push_back(chunk.job);
    if (claimant != chunk.job) chunk.freed_of.push_back(claimant);
    chunk.claimant.reset();
    withdraw({ichunk, claimant});
}

// One queue job after the other ended without a chunk. Those that wait would, too.
bool JobMonitor::is_in_doubt() const {
    return num_idle_in_a_row_ > options_.max_num_idle_jobs;
}

bool JobMonitor::counts_as_pulling(const Job& job) const {
    return is_pulling(job) && !is_out_of_sight(job) && job.state != JobState::deleting;
}

// How many more queue jobs there may be.
std::size_t JobMonitor::num_slots_left() const {
    const auto num_used = static_cast<std::size_t>(std::ranges::count_if(live_, [this](JobKey key) {
        const Job& live = job(key);
        if (submissions_[key.isubmission].is_only) return has_open_chunk(key);
        return counts_as_pulling(live);
    }));
    return options_.max_num_jobs - std::min(options_.max_num_jobs, num_used);
}

// Never more that wait than chunks that are left.
std::size_t JobMonitor::num_jobs_to_add() const {
    if (is_in_doubt()) return 0;
    const auto num_waiting = static_cast<std::size_t>(std::ranges::count_if(live_, [this](JobKey key) {
        const Job& live = job(key);
        return counts_as_pulling(live) && !has_begun(live);
    }));
    return std::min(num_slots_left(), num_left_ - std::min(num_left_, num_waiting));
}

// When queue jobs end without a chunk again and again, and no other is there that could take one.
void JobMonitor::give_up_what_is_left() {
    if (!is_in_doubt()) return;
    const bool may_be_taken = std::ranges::any_of(
        live_, [this](JobKey key) { return is_pulling(job(key)) || has_open_chunk(key); });
    if (may_be_taken) return;
    for (const std::size_t ichunk : left_) {
        set_state(ichunk, ChunkState::failed);
        decisions_.give_up.push_back(last_idle_);
        decisions_.give_up.back().ichunk = ichunk;
        decisions_.give_up.back().num_attempts = chunks_[ichunk].num_attempts;
        decisions_.give_up.back().num_records = chunks_[ichunk].num_done;
    }
}

}  // namespace qmr::detail
