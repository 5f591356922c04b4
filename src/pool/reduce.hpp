#pragma once

#include <functional>
#include <vector>

#include "adapters/attempt_record.hpp"
#include "qmr/detail/serialize.hpp"
#include "qmr/result.hpp"
#include "vocabulary/chunking.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// What a result file says, besides the results.
struct ChunkOutcome {
    std::vector<TaskFailure> failures;
    AttemptInfo info;
};

/// What a record tells of a task without a result.
[[nodiscard]] TaskFailure to_failure(std::size_t itask, FailureRecord record);

using LoadResult = std::function<void(std::size_t itask, Loader& loader)>;

/// Reads a result file and calls load() for each result in it; without load() the results are passed over,
/// neither read nor checked. Throws CorruptFile when it can not be trusted: load() may have been called for
/// some of its results by then. Throws Error when it can not be read now.
[[nodiscard]] ChunkOutcome read_results(const WorkDir& work_dir, std::uint64_t session, std::size_t ichunk,
                                        TaskSpan tasks, const LoadResult& load);

/// What was read of a part.
struct PartOutcome {
    std::size_t num_outcomes = 0;  ///< of the first tasks of the chunk
    std::vector<TaskFailure> failures;
};

/// Reads a part of an attempt that is not committed, as far as its outcomes are whole, and calls load() for
/// each result in it. One that can not be read has no outcomes.
[[nodiscard]] PartOutcome read_part(const fs::path& part, std::uint64_t session, std::size_t ichunk,
                                    TaskSpan tasks, const LoadResult& load);

/// Where millions of tasks fail of the same thing, there is no room to say all of it for each.
inline constexpr std::size_t max_num_failures_in_full = 1000;

/// Adds those of tasks without an outcome, of a chunk that was given up, to the failures of the others. All
/// of them have so many attempts as `like`, and the first ones all that it tells; `num_before`: so many tasks
/// of other chunks have failed.
void add_failures(std::vector<TaskFailure>& failures, TaskFailure like, TaskSpan tasks,
                  std::size_t num_before);

}  // namespace qmr::detail
