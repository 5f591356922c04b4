// What a history may cost, and what has to be true in the end.

#include <algorithm>

#include "simulation/referee.hpp"

namespace qmr::detail::simulation {

namespace {

constexpr std::size_t max_num_probes = 3;

}  // namespace

void Referee::submits(const Submit& order) {
    const MonitorOptions& options = world_.setup.options;
    world_.last_progress = world_.t;
    num_jobs_ += order.jobs.size();
    num_backups_ += order.is_backup ? order.jobs.size() : 0;
    check_num_jobs();
    if (order.jobs.size() > options.max_jobs_per_submission)
        world_.wrong("{} queue jobs in a submission", order.jobs.size());
    if (options.is_pulled && world_.setup.is_faultless && !order.is_backup &&
        world_.queue.size() + order.jobs.size() > options.max_num_jobs)
        world_.wrong("nothing went wrong, and there are {} and {} queue jobs at a time", world_.queue.size(),
                     order.jobs.size());
    const bool is_own = !options.is_pulled || order.is_only;
    if (!is_own && order.jobs.size() > options.max_num_jobs)
        world_.wrong("{} queue jobs at a time", order.jobs.size());
    for (const auto& line : order.jobs)
        for (const std::size_t ichunk : line) {
            OfChunk& chunk = chunks_[ichunk];
            if (chunk.is_committed || chunk.num_given_up > 0)
                world_.wrong("chunk {} is submitted, and was settled", ichunk);
            if (order.is_backup) {
                check_backup(ichunk, order);
                continue;
            }
            if (!is_own) continue;
            chunk.submitted_at = world_.t;
            if (chunk.needs_more == Cause::out_of_memory && order.demand.memory <= chunk.demand.memory)
                world_.wrong("chunk {} ran out of memory, and gets no more", ichunk);
            if (chunk.needs_more == Cause::out_of_time && order.demand.walltime <= chunk.demand.walltime)
                world_.wrong("chunk {} ran out of time, and gets no more", ichunk);
            chunk.needs_more.reset();
            chunk.demand = order.demand;
        }
    for (const std::string& name : order.excluded_hosts)
        for (const Host& host : world_.hosts)
            if (host.name == name && host.num_failed < 3)
                world_.wrong("host {} is left out, where {} attempts failed", name, host.num_failed);
    if (order.excluded_hosts.size() >= world_.hosts.size()) world_.wrong("all hosts are left out");
}

void Referee::sees(const Counts& counts) {
    std::size_t num_committed = 0;
    std::size_t num_failed = 0;
    for (const OfChunk& chunk : chunks_) {
        num_committed += chunk.is_committed ? 1 : 0;
        num_failed += !chunk.is_committed && chunk.num_given_up > 0 ? 1 : 0;
    }
    if (counts.committed != num_committed || counts.failed != num_failed)
        world_.wrong("{} chunks count as committed and {} as failed, and {} and {} are", counts.committed,
                     counts.failed, num_committed, num_failed);
}

// Each queue job is the first on its chunk or slot, or takes the place of one that ended, that was not taken
// by the batch system, that was deleted, or that seemed to be gone.
void Referee::check_num_jobs() {
    const MonitorOptions& options = world_.setup.options;
    const std::size_t num_chunks = chunks_.size();
    const std::size_t num_lost = num_put_back + num_removed + num_backups_;
    // Nobody does anything before five have ended the same way, and then three are tried.
    const std::size_t num_at_once = options.is_pulled ? options.max_num_jobs : num_chunks;
    const std::size_t most_in_vain = num_at_once + Breaker::max_num_same - 1 + max_num_probes;
    if (world_.setup.only_set_up_fails && world_.setup.set_up_wrong_until == never &&
        num_jobs_ > most_in_vain)
        world_.wrong("a wrong set-up cost {} queue jobs, at most {} would do", num_jobs_, most_in_vain);
    if (!options.is_pulled) {
        const std::size_t most = num_lives_ * num_chunks + num_measured_ + num_lost;
        if (num_jobs_ > most)
            world_.wrong("{} queue jobs for {} chunks, at most {} would do", num_jobs_, num_chunks, most);
        return;
    }
    const auto num_worked = static_cast<std::size_t>(
        std::ranges::count_if(world_.jobs, [](const Job& job) { return job.has_worked; }));
    const std::size_t max_num_idle = std::max(options.max_num_idle_jobs, options.max_num_resubmissions);
    const std::size_t num_rounds = (num_lives_ + num_results_) * (max_num_idle + 1) + num_measured_;
    const std::size_t most =
        num_rounds * std::min(num_chunks, options.max_num_jobs) + num_worked + num_lost + world_.num_unlisted;
    if (num_jobs_ > most)
        world_.wrong("{} queue jobs that pull {} chunks, at most {} would do", num_jobs_, num_chunks, most);
}

void Referee::check_end() {
    for (std::size_t ichunk = 0; ichunk < chunks_.size(); ++ichunk) {
        const OfChunk& chunk = chunks_[ichunk];
        const Chunk& truth = world_.chunks[ichunk];
        const bool has_result = truth.result && !truth.result->is_corrupt;
        if (!chunk.is_committed && chunk.num_given_up == 0)
            world_.wrong("chunk {} is neither committed nor given up", ichunk);
        if (chunk.is_committed && !has_result) world_.wrong("chunk {} has no result", ichunk);
        if (!chunk.is_committed && has_result && truth.result->seen_from <= world_.last_look)
            world_.wrong("chunk {} has a result, and was given up", ichunk);
        const bool may_be_two = world_.setup.options.backup_factor > 0 && chunk.backup;
        if (world_.setup.is_faultless &&
            (!chunk.is_committed || truth.num_attempts < 1 || truth.num_attempts > (may_be_two ? 2U : 1U)))
            world_.wrong("nothing went wrong, and chunk {} had {} attempts", ichunk, truth.num_attempts);
    }
    if (world_.setup.is_faultless && !world_.setup.options.is_pulled &&
        num_jobs_ - num_put_back - num_backups_ != chunks_.size())
        world_.wrong("nothing went wrong, and {} chunks had {} queue jobs", chunks_.size(), num_jobs_);
}

}  // namespace qmr::detail::simulation
