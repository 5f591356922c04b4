#include "decisions/job_monitor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace qmr::detail {

JobMonitor::JobMonitor(const MonitorOptions& options)
    : options_(options),
      chunks_(options.num_chunks),
      to_submit_(options.num_chunks),
      num_open_(options.num_chunks) {
    std::iota(to_submit_.begin(), to_submit_.end(), std::size_t{0});
}

void JobMonitor::submit_accepted(std::size_t isubmission, const std::string& JB_job_number, Seconds now) {
    Submission& submission = submissions_[isubmission];
    submission.state = SubmissionState::accepted;
    submission.JB_job_number = JB_job_number;
    submission.since = now;
    num_lost_in_a_row_ = 0;
    busy_wait_ = Seconds{0};
}

void JobMonitor::submit_busy(std::size_t isubmission, Seconds now) {
    Submission& submission = submissions_[isubmission];
    submission.state = SubmissionState::lost;
    put_back(submission, isubmission);
    busy_wait_ = std::clamp(busy_wait_ * 2, options_.first_busy_wait, options_.longest_busy_wait);
    not_before_ = now + busy_wait_;
}

void JobMonitor::submit_unclear(std::size_t isubmission, const std::string& message, Seconds now) {
    Submission& submission = submissions_[isubmission];
    submission.state = SubmissionState::unclear;
    submission.message = message;
    submission.since = now;
}

void JobMonitor::polled(const std::vector<SeenJob>& listing, Seconds now) {
    ++num_polls_;
    for (const SeenJob& seen : listing) {
        if (seen.key.isubmission >= submissions_.size()) continue;
        Submission& submission = submissions_[seen.key.isubmission];
        if (seen.key.index < 1 || seen.key.index > submission.jobs.size()) continue;
        if (submission.state != SubmissionState::accepted)
            submit_accepted(seen.key.isubmission, seen.JB_job_number, now);
        if (submission.JB_job_number.empty()) submission.JB_job_number = seen.JB_job_number;
        Job& listed = job(seen.key);
        if (!listed.is_live) {
            // It had left the listing, or its submission was thought to be lost: listings can lag.
            listed.is_live = true;
            live_.push_back(seen.key);
        }
        listed.state = seen.state;
        listed.last_poll = num_polls_;
    }
    // look_at_...() may only end queue jobs, and so does not change whom this loop visits.
    for (const JobKey key : live_)
        job(key).last_poll == num_polls_ ? look_at_listed(key, now) : look_at_missing(key, now);
    for (std::size_t i = 0; i < submissions_.size(); ++i)
        if (submissions_[i].state == SubmissionState::unclear) look_at_unclear(i, now);
    std::erase_if(live_, [this](JobKey key) { return !job(key).is_live; });
}

void JobMonitor::poll_failed(const std::string& message) {
    if (num_polls_ == 0 && ++num_failed_polls_ >= options_.max_num_first_polls)
        decisions_.abort =
            fmt::format("the batch system has not answered {} times: {}", num_failed_polls_, message);
}

void JobMonitor::committed(std::size_t ichunk) {
    Chunk& chunk = chunks_[ichunk];
    if (chunk.state == ChunkState::committed) return;
    // A result that comes after its chunk was given up is a result all the same.
    chunk.state == ChunkState::failed ? --num_failed_ : --num_open_;
    chunk.state = ChunkState::committed;
}

void JobMonitor::rejected(std::size_t ichunk, const std::string& message) {
    end_attempt(ichunk, Cause::corrupt_result, message, true);
}

void JobMonitor::attempt_failed(std::size_t isubmission, std::size_t ichunk, Cause cause,
                                const std::string& message, bool may_retry) {
    if (chunks_[ichunk].state == ChunkState::submitted && chunks_[ichunk].job.isubmission == isubmission)
        end_attempt(ichunk, cause, message, may_retry);
}

// A listed queue job. Only states that somebody has to act on are of interest.
void JobMonitor::look_at_listed(JobKey key, Seconds now) {
    Job& listed = job(key);
    listed.num_missing_polls = 0;
    if (listed.state == JobState::deleting) {
        // Somebody deleted it. If it lingers so for long, the chunk does not wait for it.
        if (!listed.missing_since) listed.missing_since = now;
        if (is_needed(key) && now - *listed.missing_since >= options_.file_system_latency)
            end_attempts(key, Cause::vanished, "its queue job was deleted");
        return;
    }
    listed.missing_since.reset();
    const bool was_needed = is_needed(key);
    if (listed.state == JobState::error && was_needed)
        end_attempts(key, Cause::error_state, "its queue job went to the error state");
    if (is_needed(key)) return;
    // A running one whose chunks are all committed is about to end by itself.
    const bool is_ending =
        !was_needed && listed.state == JobState::running &&
        std::ranges::all_of(listed.chunks, [&](std::size_t ichunk) {
            return chunks_[ichunk].job == key && chunks_[ichunk].state == ChunkState::committed;
        });
    if (is_ending) {
        if (!listed.ending_since) listed.ending_since = now;
        if (now - *listed.ending_since < options_.deletion_patience) return;
    }
    if (listed.removal_asked && now - *listed.removal_asked < options_.deletion_patience) return;
    listed.removal_asked = now;
    decisions_.remove.push_back(key);
}

// A queue job that is not listed may not be listed yet, or have ended, with a result that is not seen yet.
void JobMonitor::look_at_missing(JobKey key, Seconds now) {
    Job& missing = job(key);
    const SubmissionState state = submissions_[key.isubmission].state;
    if (state == SubmissionState::asked || state == SubmissionState::unclear) return;
    ++missing.num_missing_polls;
    if (!missing.missing_since) missing.missing_since = now;
    if (is_needed(key)) {
        if (missing.num_missing_polls < 2 || now - *missing.missing_since < options_.file_system_latency)
            return;
        end_attempts(key, Cause::vanished, "its queue job left the queue without a result");
    }
    missing.is_live = false;
}

// A submission whose answer got lost is found by its name, or is not there.
void JobMonitor::look_at_unclear(std::size_t isubmission, Seconds now) {
    Submission& submission = submissions_[isubmission];
    ++submission.num_missing_polls;
    if (submission.num_missing_polls < 2 || now - submission.since < options_.file_system_latency) return;
    submission.state = SubmissionState::lost;
    put_back(submission, isubmission);
    if (++num_lost_in_a_row_ >= options_.max_num_lost_submissions)
        decisions_.abort =
            fmt::format("{} submissions in a row failed: {}", num_lost_in_a_row_, submission.message);
}

// The submission never was in the queue: its chunks wait to be submitted, as if it had not been tried.
void JobMonitor::put_back(Submission& submission, std::size_t isubmission) {
    for (std::size_t i = 0; i < submission.jobs.size(); ++i) {
        submission.jobs[i].is_live = false;
        for (const std::size_t ichunk : submission.jobs[i].chunks) {
            Chunk& chunk = chunks_[ichunk];
            if (chunk.state != ChunkState::submitted || chunk.job != JobKey{isubmission, i + 1}) continue;
            chunk.state = ChunkState::unsubmitted;
            --chunk.num_attempts;
            to_submit_.push_back(ichunk);
        }
    }
    std::erase_if(live_, [&](JobKey key) { return key.isubmission == isubmission; });
}

bool JobMonitor::is_needed(JobKey key) const {
    return std::ranges::any_of(job(key).chunks, [&](std::size_t ichunk) {
        return chunks_[ichunk].state == ChunkState::submitted && chunks_[ichunk].job == key;
    });
}

void JobMonitor::end_attempts(JobKey key, Cause cause, const std::string& message) {
    for (const std::size_t ichunk : job(key).chunks)
        if (chunks_[ichunk].state == ChunkState::submitted && chunks_[ichunk].job == key)
            end_attempt(ichunk, cause, message, true);
}

void JobMonitor::end_attempt(std::size_t ichunk, Cause cause, const std::string& message, bool may_retry) {
    Chunk& chunk = chunks_[ichunk];
    if (chunk.state != ChunkState::submitted) return;
    if (may_retry && chunk.num_resubmissions < options_.max_num_resubmissions) {
        ++chunk.num_resubmissions;
        chunk.state = ChunkState::unsubmitted;
        to_submit_.push_back(ichunk);
        decisions_.notes.push_back(
            {ichunk, fmt::format("{}; submitted again, {} of {}", message, chunk.num_resubmissions,
                                 options_.max_num_resubmissions)});
    } else {
        chunk.state = ChunkState::failed;
        --num_open_;
        ++num_failed_;
        decisions_.give_up.push_back({ichunk, cause, message, chunk.num_attempts, chunk.job});
    }
}

void JobMonitor::submit_what_waits(Seconds now) {
    // A result that came late may have settled what was to be submitted again.
    std::erase_if(to_submit_, [&](std::size_t i) { return chunks_[i].state != ChunkState::unsubmitted; });
    if (to_submit_.empty() || now < not_before_) return;
    std::ranges::sort(to_submit_);
    for (std::size_t first = 0; first < to_submit_.size(); first += options_.max_jobs_per_submission) {
        const std::size_t last = std::min(to_submit_.size(), first + options_.max_jobs_per_submission);
        Submit submit{submissions_.size(), {}};
        Submission& submission = submissions_.emplace_back();
        for (std::size_t i = first; i < last; ++i) {
            Chunk& chunk = chunks_[to_submit_[i]];
            submit.jobs.push_back({to_submit_[i]});
            submission.jobs.push_back(Job{{to_submit_[i]}, true, JobState::pending, 0, 0, {}, {}, {}});
            chunk.state = ChunkState::submitted;
            chunk.job = JobKey{submit.isubmission, submission.jobs.size()};
            ++chunk.num_attempts;
            live_.push_back(chunk.job);
        }
        decisions_.submit.push_back(std::move(submit));
    }
    to_submit_.clear();
}

Decisions JobMonitor::decide(Seconds now) {
    submit_what_waits(now);
    decisions_.is_done = num_open_ == 0;
    return std::exchange(decisions_, {});
}

Counts JobMonitor::counts() const {
    Counts counts;
    counts.committed = chunks_.size() - num_open_ - num_failed_;
    counts.failed = num_failed_;
    counts.unsubmitted = to_submit_.size();
    for (const JobKey key : live_) {
        const Job& live = job(key);
        if (!is_needed(key)) continue;
        counts.running += live.state == JobState::running ? 1 : 0;
        counts.pending += live.state == JobState::pending ? 1 : 0;
        counts.held += live.state == JobState::held ? 1 : 0;
        counts.suspended += live.state == JobState::suspended ? 1 : 0;
        counts.in_error += live.state == JobState::error ? 1 : 0;
    }
    return counts;
}

bool JobMonitor::is_committed(std::size_t ichunk) const {
    return chunks_[ichunk].state == ChunkState::committed;
}

std::size_t JobMonitor::num_attempts(std::size_t ichunk) const {
    return chunks_[ichunk].num_attempts;
}

const std::string& JobMonitor::JB_job_number(std::size_t isubmission) const {
    return submissions_[isubmission].JB_job_number;
}

std::vector<JobKey> JobMonitor::live_jobs() const {
    std::vector<JobKey> jobs;
    for (const JobKey key : live_)
        if (submissions_[key.isubmission].state == SubmissionState::accepted) jobs.push_back(key);
    return jobs;
}

std::vector<std::size_t> JobMonitor::unclear_submissions() const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < submissions_.size(); ++i)
        if (submissions_[i].state == SubmissionState::unclear) found.push_back(i);
    return found;
}

}  // namespace qmr::detail
