// What becomes of submissions: accepted, put off, too large, or lost, perhaps in the queue all the same.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "decisions/job_monitor.hpp"

namespace qmr::detail {

void JobMonitor::submit_accepted(std::size_t isubmission, const std::string& JB_job_number, Seconds now) {
    Submission& submission = submissions_[isubmission];
    submission.state = SubmissionState::accepted;
    submission.JB_job_number = JB_job_number;
    submission.since = now;
    num_lost_in_a_row_ = 0;
    busy_wait_ = Seconds{0};
    // After a limit that has passed, the size of arrays grows again.
    jobs_per_submission_ = std::min(options_.max_jobs_per_submission, jobs_per_submission_ * 2);
}

void JobMonitor::submit_busy(std::size_t isubmission, Seconds now) {
    submit_put_off(isubmission);
    wait_as_busy(now);
}

void JobMonitor::submit_too_large(std::size_t isubmission, std::uint64_t max_array_size) {
    const std::size_t num_jobs = submissions_[isubmission].jobs.size();
    if (max_array_size > 0)
        options_.max_jobs_per_submission =
            std::min<std::size_t>(options_.max_jobs_per_submission, max_array_size);
    submit_put_off(isubmission);
    shrink_submissions(num_jobs);
}

// Nothing of it is in the queue, so nobody has to know its queue jobs. A limit may be met again and again.
void JobMonitor::submit_put_off(std::size_t isubmission) {
    lose(isubmission);
    submissions_[isubmission].jobs = {};
}

void JobMonitor::lose(std::size_t isubmission) {
    submissions_[isubmission].state = SubmissionState::lost;
    put_back_all(isubmission);
}

void JobMonitor::submit_refused(std::size_t isubmission, const std::string& message) {
    if (submissions_[isubmission].leaves_out_hosts) {
        submit_put_off(isubmission);
        host_faults_.forgive();
        decisions_.warnings.push_back("no host is left out any more, since that was refused: " + message);
        return;
    }
    std::vector<std::size_t> refused;
    for (std::uint64_t index = 1; index <= num_jobs(isubmission); ++index)
        for (const std::size_t ichunk : open_chunks({isubmission, index}))
            if (chunks_[ichunk].job == JobKey{isubmission, index}) refused.push_back(ichunk);
    const bool was_backup = submissions_[isubmission].is_backup;
    submit_put_off(isubmission);
    if (was_backup) refuse_backups(message);
    for (const std::size_t ichunk : refused) go_on_without_more(ichunk, message);
}

void JobMonitor::submit_unclear(std::size_t isubmission, const std::string& message, Seconds now,
                                bool is_full) {
    Submission& submission = submissions_[isubmission];
    submission.state = SubmissionState::unclear;
    submission.message = message;
    submission.is_full = is_full;
    submission.num_polls_before = num_polls_;
    submission.since = now;
}

void JobMonitor::wait_as_busy(Seconds now) {
    busy_wait_ = std::clamp(busy_wait_ * 2, options_.first_busy_wait, options_.longest_busy_wait);
    not_before_ = now + busy_wait_;
}

// An array of so many queue jobs did not fit.
void JobMonitor::shrink_submissions(std::size_t num_jobs) {
    jobs_per_submission_ = std::clamp<std::size_t>(std::min(num_jobs, jobs_per_submission_) / 2, 1,
                                                   options_.max_jobs_per_submission);
}

// A submission whose answer got lost is found by its name, or is not there.
void JobMonitor::look_at_unclear(std::size_t isubmission, Seconds now) {
    Submission& submission = submissions_[isubmission];
    ++submission.num_missing_polls;
    if (submission.num_missing_polls < 2 || now - submission.since < options_.file_system_latency) return;
    lose(isubmission);
    if (submission.is_full) {
        shrink_submissions(submission.jobs.size());
        wait_as_busy(now);
        return;
    }
    if (num_polls_before_last_loss_ == submission.num_polls_before) return;
    num_polls_before_last_loss_ = submission.num_polls_before;
    if (++num_lost_in_a_row_ >= options_.max_num_lost_submissions) {
        decisions_.abort =
            fmt::format("{} submissions in a row failed: {}", num_lost_in_a_row_, submission.message);
    }
}

// The submission never was in the queue: its chunks wait to be submitted, as if it had not been tried.
void JobMonitor::put_back_all(std::size_t isubmission) {
    for (std::uint64_t index = 1; index <= num_jobs(isubmission); ++index) {
        job({isubmission, index}).is_live = false;
        put_back({isubmission, index});
    }
    std::erase_if(live_, [&](JobKey key) { return key.isubmission == isubmission; });
}

// The queue job does nothing with its chunk.
void JobMonitor::put_back(JobKey key) {
    const bool is_own = submissions_[key.isubmission].is_only && options_.is_pulled;
    for (const std::size_t ichunk : job(key).chunks) {
        if (!waits_for(ichunk, key)) continue;
        --chunks_[ichunk].num_attempts;
        if (goes_on_without(ichunk, key)) {
            chunks_[ichunk].had_backup = false;
            continue;
        }
        set_state(ichunk, is_own ? ChunkState::reserved : ChunkState::left);
    }
}

void JobMonitor::tidy(std::vector<std::size_t>& chunks, ChunkState state) const {
    std::erase_if(chunks, [&](std::size_t ichunk) { return chunks_[ichunk].state != state; });
    std::ranges::sort(chunks);
    chunks.erase(std::ranges::unique(chunks).begin(), chunks.end());
}

void JobMonitor::submit_what_is_left(Seconds now) {
    tidy(left_, ChunkState::left);
    tidy(reserved_, ChunkState::reserved);
    if (now < not_before_) return;
    if (breaker_.state() != Breaker::State::closed) {
        if (breaker_.is_probe_due(now)) submit_probe(now);
        return;
    }
    if (!options_.is_pulled)
        submit_alone(left_, now);
    else
        submit_pulling(now);
    submit_backups(now);
}

void JobMonitor::submit_pulling(Seconds now) {
    const std::size_t num_alone = std::min(reserved_.size(), num_slots_left());
    submit_alone({reserved_.begin(), reserved_.begin() + static_cast<std::ptrdiff_t>(num_alone)}, now);
    Submit like;
    like.demand = options_.demand.first;
    submit_jobs(first_parts(num_jobs_to_add()), like, now);
}

// Each of the new ones begins in a part of its own of what is left; or with one of the lowest that are left,
// so that those that start at the same time do not all try the same.
std::vector<std::vector<std::size_t>> JobMonitor::first_parts(std::size_t num_jobs) const {
    const bool is_spread = options_.pull_way == PullWay::spread;
    const auto begin = [&](std::size_t ijob) {
        const std::size_t ileft = is_spread ? ijob * left_.size() / num_jobs : ijob;
        return left_.begin() + static_cast<std::ptrdiff_t>(ileft);
    };
    std::vector<std::vector<std::size_t>> parts;
    for (std::size_t ijob = 0; ijob < num_jobs; ++ijob) parts.emplace_back(begin(ijob), begin(ijob + 1));
    return parts;
}

// A queue job for each of these chunks, together with those that ask for the same.
void JobMonitor::submit_alone(const std::vector<std::size_t>& chunks, Seconds now, bool are_backups) {
    std::map<Demand, std::vector<std::vector<std::size_t>>> jobs;
    for (const std::size_t ichunk : chunks) jobs[chunks_[ichunk].demand].push_back({ichunk});
    for (const auto& [demand, jobs_with_it] : jobs) {
        Submit like;
        like.demand = demand;
        like.is_backup = are_backups;
        like.may_be_refused = are_backups || demand != options_.demand.first;
        like.is_only = options_.is_pulled;
        like.has_claims = options_.is_pulled && !are_backups;
        submit_jobs(jobs_with_it, like, now);
    }
}

void JobMonitor::submit_jobs(const std::vector<std::vector<std::size_t>>& jobs, const Submit& like,
                             Seconds now) {
    for (std::size_t first = 0; first < jobs.size(); first += jobs_per_submission_) {
        const std::size_t last = std::min(jobs.size(), first + jobs_per_submission_);
        Submit& submit = decisions_.submit.emplace_back(like);
        submit.isubmission = submissions_.size();
        submit.excluded_hosts = excluded_hosts(now);
        Submission& submission = submissions_.emplace_back();
        submission.is_only = like.is_only;
        submission.is_backup = like.is_backup;
        submission.leaves_out_hosts = !submit.excluded_hosts.empty();
        for (std::size_t i = first; i < last; ++i) {
            submit.jobs.push_back(jobs[i]);
            submission.jobs.emplace_back().is_leaving = like.is_only;
            const JobKey key{submit.isubmission, submission.jobs.size()};
            live_.push_back(key);
            if (options_.is_pulled && !like.is_only) continue;
            like.is_backup ? back_up(jobs[i].front(), key) : take(jobs[i].front(), key, now);
            if (like.has_claims) chunks_[jobs[i].front()].claimant = key;
        }
    }
}

}  // namespace qmr::detail
