#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "simulation/world.hpp"

namespace qmr::detail::simulation {

/// Compares what is decided with what is documented, and with the truth.
class Referee {
  public:
    explicit Referee(World& world) : world_(world), chunks_(world.chunks.size()) {}

    /// Another process node goes on, with all limits anew.
    void begin_life();

    /// Of a life before.
    void adopts(std::size_t ichunk, const Demand& demand);
    /// So many of its tasks are done, and none of these may be run again.
    void resumes(std::size_t ichunk, std::size_t num_done) { chunks_[ichunk].num_done = num_done; }
    void committed(std::size_t ichunk);
    void measured(const Measure& attempt, const Achieved& achieved);
    void refused(std::size_t ichunk);
    /// Everything that was decided in one go, before it is carried out.
    void decided(const Decisions& decisions);
    /// The batch system took second queue jobs for these chunks.
    void takes_backups(const Submit& order);
    void refused_backups();
    void gave_up(const GiveUp& given_up);
    void submits(const Submit& order);
    void sees(const Counts& counts);

    void check_end();

    std::size_t num_put_back = 0;  ///< queue jobs that were not taken by the batch system
    std::size_t num_removed = 0;   ///< queue jobs that were deleted

  private:
    /// How many queue jobs a history may cost, from its limits and from what really went wrong.
    void check_num_jobs();
    void check_backup(std::size_t ichunk, const Submit& order);
    void count_backup(std::size_t ichunk);
    /// Nobody else may work on the chunk, as far as anybody can know.
    void check_alone(const Measure& attempt);

    enum class Verdict { goes_on, retried, blamed, given_up, uncertain };
    /// In this life.
    struct OfChunk {
        std::size_t num_done = 0;
        ByCause<std::size_t> num_failed;
        std::size_t num_uncertain = 0;  ///< out of time, which may count or not
        std::size_t num_blamed_in_a_row = 0;
        Alone alone;  ///< in its next attempt
        Demand demand;
        std::optional<Cause> needs_more;
        std::optional<Verdict> expected;
        Cause cause = Cause::vanished;  ///< of the last attempt that was measured, with what follows
        Achieved achieved;
        std::size_t num_given_up = 0;
        JobKey job;                           ///< of that attempt
        std::optional<JobKey> job_before;     ///< likewise, of one that had failed in an earlier life
        std::size_t num_attempts_before = 0;  ///< in earlier lives
        bool is_measured = false;
        bool came_further = false;  ///< that attempt
        bool is_committed = false;
        std::optional<JobKey> backup;  ///< in this attempt, and in the queue
        Seconds submitted_at{0};
    };
    [[nodiscard]] Verdict verdict(const Measure& attempt, const Achieved& achieved);
    [[nodiscard]] static Verdict blame_or_give_up(const OfChunk& chunk);
    [[nodiscard]] bool is_at_ceiling(const OfChunk& chunk, Cause cause) const;
    [[nodiscard]] std::size_t limit(Cause cause) const;
    /// Whether it counts for all chunks alike, since queue jobs end the same way.
    [[nodiscard]] static bool is_for_all(const GiveUp& given_up);
    [[nodiscard]] static bool is_culprit(const Task& task, Cause cause);
    [[nodiscard]] static std::string_view to_string(Verdict verdict);
    [[nodiscard]] static std::string_view to_string(Cause cause) { return qmr::to_string(cause); }
    [[nodiscard]] bool is_doubt_justified() const;
    void blame(const NewHead& head);

    World& world_;
    std::vector<OfChunk> chunks_;
    std::vector<std::size_t> judged_;  ///< chunks with an expected verdict
    std::size_t num_lives_ = 0;
    std::size_t num_jobs_ = 0;         ///< that were asked for
    std::size_t num_jobs_before_ = 0;  ///< in earlier lives
    std::size_t num_measured_ = 0;
    std::size_t num_results_ = 0;
    std::size_t num_backups_ = 0;  ///< that were asked for
    std::vector<Seconds> took_;    ///< chunks with a result, in this life
    bool are_backups_refused_ = false;
    bool may_back_up_ = true;
};

}  // namespace qmr::detail::simulation
