#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "adapters/chunk_head.hpp"
#include "adapters/part_file.hpp"
#include "decisions/decisions.hpp"
#include "pool/reduce.hpp"

namespace qmr::detail {

/// The attempts that have left a part, by ichunk.
using PartsByChunk = std::map<std::size_t, std::vector<Attempt>>;

/// What attempts left in the work_dir that ended without a result: how far they came, what goes on from
/// there, and what of it is kept when a chunk is given up.
class Attempts {
  public:
    Attempts(WorkDir work_dir, std::uint64_t session, std::function<TaskSpan(std::size_t ichunk)> tasks_of,
             std::size_t num_slots = 1);

    /// The parts that are in the work_dir.
    void seen(PartsByChunk parts) { parts_ = std::move(parts); }

    /// What attempts on a chunk did before this process came.
    struct Past {
        std::size_t num_records = 0;  ///< outcomes that are not computed again
        bool needs_head = false;      ///< so that the next attempt knows
    };
    [[nodiscard]] Past restore(std::size_t ichunk);

    void ended(std::size_t ichunk, JobKey job, ExitRecord record) {
        exit_records_[{ichunk, job}] = std::move(record);
    }
    /// What the batch system tells of a queue job that has ended.
    void accounted(JobKey job, JobReport report) { reports_[job] = std::move(report); }
    /// Null: the attempt left none.
    [[nodiscard]] const ExitRecord* exit_record(std::size_t ichunk, JobKey job) const;

    /// How far the attempts on a chunk came. The one that has ended becomes part of its history.
    [[nodiscard]] Achieved measure(const Measure& ended);

    /// The failed attempts on a chunk since it came further; oldest first.
    [[nodiscard]] const std::vector<FailedAttempt>& history(std::size_t ichunk) { return histories_[ichunk]; }

    /// How many outcomes the next attempt begins with.
    [[nodiscard]] std::size_t num_in_head(std::size_t ichunk) const;

    /// What the next attempt begins with; `end_of_stderr` is that of a task to blame.
    [[nodiscard]] const ChunkHead& make_head(const NewHead& order, std::string end_of_stderr);

    /// Hands out what is there of a chunk that is given up: load() is called for its values; the failures are
    /// those of tasks with an outcome.
    [[nodiscard]] PartOutcome salvage(std::size_t ichunk, const LoadResult& load) const;

    /// The chunk has its results.
    void forget(std::size_t ichunk);

  private:
    /// Of the parts of a chunk, the one with the most outcomes. Empty: there is none with any.
    struct BestPart {
        std::string name;
        std::size_t num_outcomes = 0;
    };
    [[nodiscard]] BestPart find_best_part(std::size_t ichunk) const;
    [[nodiscard]] std::size_t num_outcomes(std::size_t ichunk, const Attempt& attempt,
                                           PartReader::Which which) const;

    WorkDir work_dir_;
    std::uint64_t session_;
    std::function<TaskSpan(std::size_t ichunk)> tasks_of_;
    PartsByChunk parts_;
    std::size_t num_slots_;
    std::map<JobKey, JobReport> reports_;
    std::map<std::pair<std::size_t, JobKey>, ExitRecord> exit_records_;  ///< by ichunk and queue job
    std::map<std::size_t, BestPart> best_parts_;                         ///< by ichunk, as last measured
    std::map<std::size_t, ChunkHead> heads_;                             ///< by ichunk
    std::map<std::size_t, std::vector<FailedAttempt>> histories_;        ///< by ichunk
};

}  // namespace qmr::detail
