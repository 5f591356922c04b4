#include "decisions/job_monitor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace qmr::detail {

namespace {

// Chunks that no queue job ever came to deserve at least one.
constexpr std::size_t max_num_probes = 3;

}  // namespace

JobMonitor::JobMonitor(const MonitorOptions& options)
    : options_(options),
      chunks_(options.num_chunks),
      left_(options.num_chunks),
      num_left_(options.num_chunks),
      num_open_(options.num_chunks),
      is_array_(options.max_jobs_per_submission > 1),
      jobs_per_submission_(options.max_jobs_per_submission),
      breaker_(options.num_chunks, std::clamp(options.max_num_resubmissions, std::size_t{1}, max_num_probes),
               options.first_probe_wait) {
    options_.max_num_idle_jobs = std::max(options.max_num_idle_jobs, options.max_num_resubmissions);
    std::iota(left_.begin(), left_.end(), std::size_t{0});
    for (Chunk& chunk : chunks_) chunk.demand = options_.demand.first;
}

void JobMonitor::polled(const std::vector<SeenJob>& listing, Seconds now) {
    ++num_polls_;
    for (const SeenJob& seen : listing) {
        if (!knows(seen.key)) continue;
        Submission& submission = submissions_[seen.key.isubmission];
        if (submission.state != SubmissionState::accepted)
            submit_accepted(seen.key.isubmission, seen.JB_job_number, now);
        if (submission.JB_job_number.empty()) submission.JB_job_number = seen.JB_job_number;
        Job& listed = job(seen.key);
        if (!listed.is_live) {
            // It had left the listing, or its submission was thought to be lost: listings can lag.
            listed.is_live = true;
            listed.is_leaving = listed.removal_asked.has_value();
            live_.push_back(seen.key);
        }
        listed.state = seen.state;
        if (seen.state == JobState::running) forget_error(listed);
        if (!seen.reason.empty()) listed.explanation = Explanation{Cause::error_state, seen.reason};
        listed.last_poll = num_polls_;
        if (seen.state == JobState::running) runs(seen.key, now);
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

void JobMonitor::committed(std::size_t ichunk, std::optional<JobKey> by, const std::string& host,
                           Seconds took) {
    host_faults_.committed(host);
    has_gone_well();
    breaker_.committed();
    if (options_.is_pulled && is_left(ichunk)) ++chunks_[ichunk].num_attempts;
    // A result that comes after its chunk was given up is a result all the same.
    set_state(ichunk, ChunkState::committed);
    if (took > Seconds{0}) took_.push_back(took);
    chunks_[ichunk].backup.reset();
    if (!by || !knows(*by)) return;
    chunks_[ichunk].job = *by;  // any other that works on it would go on in vain
    job(*by).is_excused = job(*by).has_committed = true;
    num_idle_in_a_row_ = 0;
}

void JobMonitor::set_state(std::size_t ichunk, ChunkState state) {
    const auto count = [this](ChunkState of, bool more) {
        const auto add = [more](std::size_t& number) { more ? ++number : --number; };
        if (of == ChunkState::left) add(num_left_);
        if (of == ChunkState::failed) add(num_failed_);
        if (of != ChunkState::committed && of != ChunkState::failed) add(num_open_);
    };
    count(chunks_[ichunk].state, false);
    count(state, true);
    chunks_[ichunk].state = state;
    if (state == ChunkState::left) left_.push_back(ichunk);
    if (state == ChunkState::reserved) reserved_.push_back(ichunk);
    if (state == ChunkState::ended) ended_.push_back(ichunk);
}

// A listed queue job. Only states that somebody has to act on are of interest.
void JobMonitor::look_at_listed(JobKey key, Seconds now) {
    Job& listed = job(key);
    listed.num_missing_polls = 0;
    if (listed.state == JobState::deleting) {
        // Somebody deleted it. If it lingers so for long, the chunk does not wait for it.
        if (!listed.missing_since) listed.missing_since = now;
        end_killed_attempts(key, now);
        if (is_needed(key) && now - *listed.missing_since >= options_.file_system_latency)
            end_attempts(key, Cause::vanished, "its queue job was deleted", now);
        return;
    }
    listed.missing_since.reset();
    // A worker that was told to leave may have said so before; the error state is the reason.
    if (listed.state != JobState::error) end_killed_attempts(key, now);
    const bool was_needed = is_needed(key);
    if (listed.state == JobState::error && was_needed)
        end_attempts(key, Cause::error_state, "its queue job went to the error state", now);
    if (is_needed(key)) {
        listed.ending_since.reset();
        return;
    }
    listed.is_excused = true;
    // A running one whose chunks are all committed is about to end by itself.
    if (!was_needed && listed.state == JobState::running && is_ending(key)) {
        if (!listed.ending_since) listed.ending_since = now;
        if (now - *listed.ending_since < options_.deletion_patience) return;
    }
    if (listed.removal_asked && now - *listed.removal_asked < options_.deletion_patience) return;
    listed.removal_asked = now;
    listed.is_leaving = true;
    decisions_.remove.push_back(key);
}

// A queue job that is not listed may not be listed yet, or have ended, with a result that is not seen yet.
void JobMonitor::look_at_missing(JobKey key, Seconds now) {
    Job& missing = job(key);
    const SubmissionState state = submissions_[key.isubmission].state;
    if (state == SubmissionState::asked || state == SubmissionState::unclear) return;
    ++missing.num_missing_polls;
    if (!missing.missing_since) missing.missing_since = now;
    if (!missing.next_question) missing.next_question = now;
    end_killed_attempts(key, now);
    if (is_needed(key)) {
        if (missing.num_missing_polls < 2) return;
        // What has given back its slot with no chunk in its hands is not waited for.
        const bool has_left = is_out_of_sight(missing) && !has_open_chunk(key);
        if (!has_left && now - *missing.missing_since < options_.file_system_latency) return;
        end_attempts(key, Cause::vanished, "its queue job left the queue without a result", now);
    }
    missing.is_live = false;
}

bool JobMonitor::knows(JobKey key) const {
    return key.isubmission < submissions_.size() && key.index >= 1 &&
           key.index <= submissions_[key.isubmission].jobs.size();
}

std::vector<std::size_t> JobMonitor::open_chunks(JobKey key) const {
    std::vector<std::size_t> open = job(key).chunks;
    std::erase_if(open, [&](std::size_t ichunk) { return !waits_for(ichunk, key); });
    return open;
}

bool JobMonitor::has_taken(JobKey key, std::size_t ichunk) const {
    return knows(key) && std::ranges::find(job(key).chunks, ichunk) != job(key).chunks.end();
}

bool JobMonitor::has_open_chunk(JobKey key) const {
    return std::ranges::any_of(job(key).chunks, [&](std::size_t ichunk) { return waits_for(ichunk, key); });
}

bool JobMonitor::is_needed(JobKey key) const {
    return knows(key) && (has_open_chunk(key) || (is_pulling(job(key)) && num_left_ > 0));
}

bool JobMonitor::is_ending(JobKey key) const {
    return knows(key) && (options_.is_pulled ? num_left_ == 0 : !job(key).chunks.empty()) &&
           std::ranges::all_of(job(key).chunks, [&](std::size_t ichunk) {
               return chunks_[ichunk].job == key && chunks_[ichunk].state == ChunkState::committed;
           });
}

Decisions JobMonitor::decide(Seconds now) {
    if (std::vector<Measure> measure = attempts_to_measure(); !measure.empty()) {
        Decisions decisions;
        decisions.measure = std::move(measure);
        return decisions;
    }
    hold_back(now);
    submit_what_is_left(now);
    give_up_what_is_left();
    decisions_.again_at = next_decision(now);
    decisions_.is_done = num_open_ == 0;
    return std::exchange(decisions_, {});
}

std::optional<Seconds> JobMonitor::next_decision(Seconds now) const {
    const bool is_left_over = num_left_ > 0 || !reserved_.empty();
    if (breaker_.state() == Breaker::State::waiting && is_left_over)
        return std::max(breaker_.next_probe(), not_before_);
    const auto probe = breaker_.probe();
    if (!probe || !knows(*probe) || !job(*probe).running_since) return std::nullopt;
    const Seconds verdict = *job(*probe).running_since + Breaker::long_enough;
    return verdict > now ? std::optional(verdict) : std::nullopt;
}

Counts JobMonitor::counts() const {
    Counts counts;
    counts.committed = chunks_.size() - num_open_ - num_failed_;
    counts.failed = num_failed_;
    counts.unsubmitted = options_.is_pulled ? 0 : num_left_;
    for (const JobKey key : live_) {
        const Job& live = job(key);
        // What is no longer listed neither waits nor runs: its result is waited for.
        if (!is_needed(key) || live.num_missing_polls > 0) continue;
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

bool JobMonitor::is_settled(std::size_t ichunk) const {
    const ChunkState state = chunks_[ichunk].state;
    return state == ChunkState::committed || state == ChunkState::failed;
}

bool JobMonitor::is_left(std::size_t ichunk) const {
    return chunks_[ichunk].state == ChunkState::left;
}

bool JobMonitor::is_reserved(std::size_t ichunk) const {
    return chunks_[ichunk].state == ChunkState::reserved;
}

std::size_t JobMonitor::num_jobs(std::size_t isubmission) const {
    return submissions_[isubmission].jobs.size();
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
        if (is_listable(submissions_[key.isubmission])) jobs.push_back(key);
    return jobs;
}

std::vector<JobKey> JobMonitor::unlisted_jobs() const {
    std::vector<JobKey> jobs = live_jobs();
    std::erase_if(jobs, [this](JobKey key) { return job(key).last_poll > 0 || job(key).has_committed; });
    return jobs;
}

std::vector<std::size_t> JobMonitor::unclear_submissions() const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < submissions_.size(); ++i)
        if (submissions_[i].state == SubmissionState::unclear ||
            (submissions_[i].state == SubmissionState::accepted && !is_listable(submissions_[i])))
            found.push_back(i);
    return found;
}

}  // namespace qmr::detail
