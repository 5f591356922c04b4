#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "simulation/world.hpp"

namespace qmr::detail::simulation {

/// What is promised about time, within one life of the process node: nothing is taken for gone too early, nor
/// left in the queue for too long.
class Patience {
  public:
    explicit Patience(World& world)
        : world_(world), isubmission_of_(world.chunks.size(), none), backup_of_(world.chunks.size(), none) {}

    void lists(const std::vector<SeenJob>& listing);
    void submits(const Submit& order);
    void is_unclear(std::size_t isubmission);
    void deletes(const std::vector<JobKey>& keys);
    /// `account`: what the batch system told of the queue job; null: nothing. `killed_at`: when the worker
    /// told that its tasks were killed.
    void ends(const Measure& attempt, const Account* account, std::optional<Seconds> killed_at);
    /// What the batch system could have told of its end was not told.
    void ends_unheard(const Measure& attempt);
    /// The monitor has seen the listing.
    void is_told(const JobMonitor& monitor);
    /// All that came of it was carried out.
    void has_decided();

    /// Queue jobs that were to be deleted.
    [[nodiscard]] std::size_t num_deleted() const { return num_deleted_; }

  private:
    struct OfJob {
        std::size_t ipoll = none;  ///< the last that listed it, and not as being deleted
        JobState state = JobState::unknown;
        std::size_t num_in_vain = 0;  ///< times that it was listed in a row, with nothing to do
        std::optional<Seconds> deletion;
    };

    void looks_before(std::size_t ichunk, std::size_t isubmission);
    [[nodiscard]] bool has_lost(JobKey key, const JobMonitor& monitor) const;

    World& world_;
    std::map<JobKey, OfJob> jobs_;
    std::vector<Seconds> polls_;
    std::map<std::size_t, std::pair<std::size_t, Seconds>> unclear_;  ///< polls before, and when
    std::vector<std::size_t> isubmission_of_;  ///< by ichunk: the last one for this chunk alone
    std::vector<std::size_t> backup_of_;       ///< likewise, of those beside it
    std::map<JobKey, std::size_t> backups_;    ///< and their chunks
    std::size_t num_deleted_ = 0;
    bool is_listed_ = false;
};

}  // namespace qmr::detail::simulation
