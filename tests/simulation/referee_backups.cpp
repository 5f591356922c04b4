// Second queue jobs for stragglers, as docs/failures.md has them.

#include <algorithm>

#include "simulation/referee.hpp"

namespace qmr::detail::simulation {

void Referee::check_backup(std::size_t ichunk, const Submit& order) {
    const MonitorOptions& options = world_.setup.options;
    const OfChunk& chunk = chunks_[ichunk];
    if (options.backup_factor <= 0 || !may_back_up_)
        world_.wrong("chunk {} is submitted once more, and that is not wanted", ichunk);
    if (chunk.backup) world_.wrong("chunk {} is submitted once more for the second time", ichunk);
    if (!order.may_be_refused || order.has_claims || order.is_only != options.is_pulled)
        world_.wrong("chunk {} is submitted once more in a wrong way", ichunk);
    const auto num_failed = static_cast<std::size_t>(
        std::ranges::count_if(chunks_, [](const OfChunk& other) { return other.num_given_up > 0; }));
    if (took_.empty() || took_.size() * 2 + num_failed < chunks_.size()) {
        world_.wrong("chunk {} is submitted once more, and only {} are done", ichunk, took_.size());
        return;
    }
    std::vector<Seconds> times = took_;
    std::ranges::sort(times);
    // An attempt begins after it was submitted, or after this process node came.
    if (world_.t - chunk.submitted_at < times[times.size() / 2] * options.backup_factor)
        world_.wrong("chunk {} is submitted once more too early", ichunk);
}

void Referee::takes_backups(const Submit& order) {
    for (std::size_t i = 0; i < order.jobs.size(); ++i)
        for (const std::size_t ichunk : order.jobs[i]) {
            chunks_[ichunk].backup = JobKey{order.isubmission, i + 1};
            world_.faults.count(Fault::backup_is_submitted);
        }
}

void Referee::refused_backups() {
    world_.faults.count(Fault::backup_is_refused);
    are_backups_refused_ = true;
}

void Referee::count_backup(std::size_t ichunk) {
    const auto& backup = chunks_[ichunk].backup;
    if (!backup) return;
    const bool has_won = world_.chunks[ichunk].result->job == *backup;
    world_.faults.count(has_won ? Fault::backup_wins : Fault::backup_loses);
}

// When one of two fails, the other goes on. Of a result that can not be read nobody knows whose it was.
void Referee::check_alone(const Measure& attempt) {
    if (attempt.cause == Cause::corrupt_result || attempt.cause == Cause::binary_changed) return;
    const auto& backup = chunks_[attempt.ichunk].backup;
    if (!backup) return;
    for (const std::size_t ijob : world_.queue) {
        const Job& job = world_.jobs[ijob];
        if (job.happened == 0 && std::ranges::count(job.touched, attempt.ichunk) > 0)
            world_.wrong("an attempt on chunk {} is said to have ended, and {}.{} works on it",
                         attempt.ichunk, job.key.isubmission, job.key.index);
    }
}

}  // namespace qmr::detail::simulation
