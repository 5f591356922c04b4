// Chunks that take far longer than the others get a second queue job, and the first result counts.

#include <fmt/format.h>

#include <algorithm>

#include "decisions/job_monitor.hpp"

namespace qmr::detail {

void JobMonitor::submit_backups(Seconds now) {
    // Only for the last ones: before, there is other work for a slot, and little is known about how long a
    // chunk takes.
    const bool are_last = num_left_ == 0 && reserved_.empty() && took_.size() >= num_open_;
    if (options_.backup_factor <= 0 || !are_last || num_open_ == 0) return;
    const Seconds median = median_time();
    std::vector<std::size_t> stragglers;
    for (std::size_t ichunk = 0; ichunk < chunks_.size(); ++ichunk)
        if (is_straggling(ichunk, median * options_.backup_factor, now)) stragglers.push_back(ichunk);
    if (options_.is_pulled) stragglers.resize(std::min(stragglers.size(), num_slots_left()));
    if (stragglers.empty()) return;
    decisions_.warnings.push_back(
        fmt::format("{} of the last chunks {} more than {:g} times as long as the median of {:.3g} s; "
                    "submitted once more",
                    stragglers.size(), stragglers.size() == 1 ? "takes" : "take", options_.backup_factor,
                    median.count()));
    submit_alone(stragglers, now, true);
}

Seconds JobMonitor::median_time() const {
    std::vector<Seconds> times = took_;
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::ranges::nth_element(times, middle);
    return *middle;
}

bool JobMonitor::is_straggling(std::size_t ichunk, Seconds limit, Seconds now) const {
    const Chunk& chunk = chunks_[ichunk];
    if (chunk.state != ChunkState::taken || chunk.had_backup || !chunk.kills.empty()) return false;
    const Job& working = job(chunk.job);
    const bool is_there = working.running_since && working.num_missing_polls == 0 &&
                          (working.state == JobState::running || working.state == JobState::suspended);
    return is_there && now - std::max(chunk.taken_at, *working.running_since) > limit;
}

// The claim stays with the first one.
void JobMonitor::back_up(std::size_t ichunk, JobKey key) {
    Chunk& chunk = chunks_[ichunk];
    chunk.backup = key;
    chunk.had_backup = true;
    ++chunk.num_attempts;
    job(key).chunks.push_back(ichunk);
    job(key).is_excused = true;
}

bool JobMonitor::goes_on_without(std::size_t ichunk, JobKey key) {
    Chunk& chunk = chunks_[ichunk];
    if (!chunk.backup) return false;
    if (chunk.job == key) {
        if (!chunk.claimant) chunk.claimant = key;
        chunk.job = *chunk.backup;
    }
    chunk.backup.reset();
    return true;
}

// It would be refused again.
void JobMonitor::refuse_backups(const std::string& message) {
    options_.backup_factor = 0;
    decisions_.warnings.push_back("chunks are not submitted once more, since that was refused: " + message);
}

}  // namespace qmr::detail
