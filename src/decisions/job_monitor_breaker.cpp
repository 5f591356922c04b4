// What happens while the breaker is open: queue jobs that all die the same way are not fed to the batch
// system.

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "decisions/job_monitor.hpp"

namespace qmr::detail {

void JobMonitor::runs(JobKey key, Seconds now) {
    Job& running = job(key);
    running.state = JobState::running;
    if (!running.running_since) running.running_since = now;
    if (now - *running.running_since >= Breaker::long_enough) has_gone_well();
}

void JobMonitor::has_gone_well() {
    const bool was_open = breaker_.state() != Breaker::State::closed;
    breaker_.went_well();
    if (was_open) decisions_.warnings.emplace_back("a queue job does something; all are submitted again");
}

// What happened before this process came says nothing about how things are now.
void JobMonitor::has_failed(JobKey key, Cause cause, const std::string& message, Seconds now,
                            const std::string& host, bool is_by_setup) {
    if (job(key).is_adopted) return;
    // The local cores, which are not listed, are one host, and the program there is this one: setup() gives
    // the same again, and again. What else is wrong, such as a full disk, may pass.
    const bool may_pass = options_.is_listed || !is_by_setup;
    const bool was_closed = breaker_.state() == Breaker::State::closed;
    breaker_.failed(key, cause, message, now, host, may_pass);
    if (was_closed && breaker_.state() != Breaker::State::closed)
        decisions_.warnings.push_back(fmt::format(
            "{} queue jobs ended the same way, and none did anything else: {}; what waits is deleted, "
            "and one at a time is tried",
            Breaker::max_num_same, message));
}

// What waits for a slot would end as the others did.
void JobMonitor::hold_back(Seconds now) {
    if (breaker_.state() == Breaker::State::closed) return;
    if (const auto probe = breaker_.probe();
        probe && (!knows(*probe) || !job(*probe).is_live || !is_needed(*probe)))
        breaker_.probe_lost(now);
    for (const JobKey key : live_) {
        Job& waiting = job(key);
        const bool waits = waiting.is_live && !waiting.removal_asked && !waiting.running_since &&
                           (waiting.state == JobState::pending || waiting.state == JobState::held) &&
                           (waiting.last_poll == num_polls_ || waiting.last_poll == 0);
        const bool has_claim =
            options_.is_pulled && !submissions_[key.isubmission].is_only && has_open_chunk(key);
        if (!waits || has_claim || breaker_.probe() == key || !is_listable(submissions_[key.isubmission]))
            continue;
        put_back(key);
        waiting.removal_asked = now;
        waiting.is_leaving = true;
        waiting.is_live = options_.is_listed;
        decisions_.remove.push_back(key);
    }
    if (!options_.is_listed) std::erase_if(live_, [this](JobKey key) { return !job(key).is_live; });
    if (breaker_.state() == Breaker::State::spent) give_up_all();
}

// Those that still run may prove the others wrong.
void JobMonitor::give_up_all() {
    const bool may_go_well =
        std::ranges::any_of(live_, [this](JobKey key) { return job(key).is_live && has_open_chunk(key); });
    if (may_go_well) return;
    const std::string verdict = breaker_.verdict();
    for (std::size_t ichunk = 0; ichunk < chunks_.size(); ++ichunk) {
        Chunk& chunk = chunks_[ichunk];
        if (chunk.state != ChunkState::left && chunk.state != ChunkState::reserved) continue;
        decisions_.give_up.push_back(
            {ichunk, breaker_.cause(), verdict, chunk.num_attempts, breaker_.last_job(), chunk.num_done});
        set_state(ichunk, ChunkState::failed);
    }
}

// With a chunk that asks for more than others did, which may be all that was wrong; else with the one that
// was tried least, since one alone may be to blame.
void JobMonitor::submit_probe(Seconds now) {
    std::vector<std::size_t> candidates = reserved_;
    // In doubt, what is left is about to be given up.
    if (!is_in_doubt()) candidates.insert(candidates.end(), left_.begin(), left_.end());
    if (candidates.empty()) return;
    const std::size_t ichunk = *std::ranges::min_element(candidates, [this](std::size_t a, std::size_t b) {
        const auto& [first, second] = std::tie(chunks_[a], chunks_[b]);
        return first.demand != second.demand ? first.demand > second.demand
                                             : first.num_attempts < second.num_attempts;
    });
    Submit like;
    like.demand = options_.demand.first;
    if (options_.is_pulled && is_left(ichunk))
        submit_jobs({{ichunk}}, like, now);
    else
        submit_alone({ichunk}, now);
    breaker_.probes({submissions_.size() - 1, 1});
}

}  // namespace qmr::detail
