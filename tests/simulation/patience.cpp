#include "simulation/patience.hpp"

namespace qmr::detail::simulation {

namespace {

constexpr Seconds rounding{1e-3};  // clocks may be far from 0

}  // namespace

void Patience::lists(const std::vector<SeenJob>& listing) {
    is_listed_ = true;
    polls_.push_back(world_.t);
    for (const SeenJob& seen : listing) {
        unclear_.erase(seen.key.isubmission);
        OfJob& job = jobs_[seen.key];
        job.state = seen.state;
        if (seen.state != JobState::deleting) job.ipoll = polls_.size() - 1;
    }
}

void Patience::is_unclear(std::size_t isubmission) {
    unclear_[isubmission] = {polls_.size(), world_.t};
}

// Nothing is submitted twice: what may be in the queue is looked for first.
void Patience::submits(const Submit& order) {
    if (world_.setup.options.is_pulled && !order.is_only) return;
    for (std::size_t i = 0; i < order.jobs.size(); ++i)
        for (const std::size_t ichunk : order.jobs[i]) {
            looks_before(ichunk, std::exchange(backup_of_[ichunk], none));
            if (order.is_backup) {
                backup_of_[ichunk] = order.isubmission;
                backups_[{order.isubmission, i + 1}] = ichunk;
            } else {
                looks_before(ichunk, std::exchange(isubmission_of_[ichunk], order.isubmission));
            }
        }
}

void Patience::looks_before(std::size_t ichunk, std::size_t isubmission) {
    const auto before = unclear_.find(isubmission);
    if (before == unclear_.end()) return;
    const auto [num_polls, since] = before->second;
    if (polls_.size() < num_polls + 2 ||
        world_.t - since + rounding < world_.setup.options.file_system_latency)
        world_.wrong("chunk {} is submitted again, and submission {} may be in the queue", ichunk,
                     isubmission);
}

// Of two on the same chunk, the other one.
bool Patience::has_lost(JobKey key, const JobMonitor& monitor) const {
    const auto backup = backups_.find(key);
    if (backup == backups_.end() || !monitor.is_committed(backup->second)) return false;
    const auto& result = world_.chunks[backup->second].result;
    return result && result->job != key;
}

void Patience::deletes(const std::vector<JobKey>& keys) {
    for (const JobKey key : keys) {
        auto& deletion = jobs_[key].deletion;
        if (!deletion) ++num_deleted_;
        if (deletion && world_.t - *deletion + rounding < world_.setup.options.deletion_patience)
            world_.wrong("{}.{} is deleted again and again", key.isubmission, key.index);
        deletion = world_.t;
    }
}

void Patience::ends(const Measure& attempt, const Account* account, std::optional<Seconds> killed_at) {
    isubmission_of_[attempt.ichunk] = backup_of_[attempt.ichunk] = none;
    if (!attempt.message.starts_with("its queue job left the queue without a result")) return;
    const MonitorOptions& options = world_.setup.options;
    if (killed_at && attempt.cause == Cause::vanished)
        world_.wrong("the worker of chunk {} told that it was killed, and that is forgotten", attempt.ichunk);
    // Nothing is on its way from one that never came to run a chunk.
    const bool is_hopeless =
        account != nullptr && account->exit_code && *account->exit_code > 1 && *account->exit_code != 4;
    if (is_hopeless) return;
    const std::size_t ipoll = jobs_[attempt.job].ipoll;
    const std::size_t first_missing = ipoll == none ? 0 : ipoll + 1;
    if (polls_.size() < first_missing + 2 ||
        (ipoll != none && world_.t - polls_[first_missing] + rounding < options.file_system_latency))
        world_.wrong("the queue job of chunk {} is taken for gone too early", attempt.ichunk);
}

void Patience::ends_unheard(const Measure& attempt) {
    const bool are_all_asked = world_.jobs_of.size() <= max_num_questions;
    if (are_all_asked && attempt.message.starts_with("its queue job left the queue without a result"))
        world_.wrong("how the queue job of chunk {} ended was known, and nobody asked", attempt.ichunk);
}

void Patience::is_told(const JobMonitor& monitor) {
    for (auto& [key, job] : jobs_) {
        const bool is_there = job.ipoll == polls_.size() - 1;
        const bool is_in_vain =
            is_there && !monitor.is_needed(key) && (!monitor.is_ending(key) || has_lost(key, monitor));
        job.num_in_vain = is_in_vain ? job.num_in_vain + 1 : 0;
    }
}

void Patience::has_decided() {
    if (!std::exchange(is_listed_, false)) return;
    const Seconds latest = polls_.back() - world_.setup.options.deletion_patience - rounding;
    for (const auto& [key, job] : jobs_) {
        const bool is_in_error = job.ipoll == polls_.size() - 1 && job.state == JobState::error;
        if ((is_in_error || job.num_in_vain > 1) && (!job.deletion || *job.deletion < latest))
            world_.wrong("{}.{} is of no use, and stays in the queue", key.isubmission, key.index);
    }
}

}  // namespace qmr::detail::simulation
