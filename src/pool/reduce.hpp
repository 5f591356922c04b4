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

using LoadResult = std::function<void(std::size_t itask, Loader& loader)>;

/// Reads a result file and calls load() for each result in it. Throws CorruptFile when it can not be trusted:
/// load() may have been called for some of its results by then. Throws Error when it can not be read now.
[[nodiscard]] ChunkOutcome read_results(const WorkDir& work_dir, std::uint64_t session, std::size_t ichunk,
                                        TaskSpan tasks, const LoadResult& load);

/// The same for the first `num_records` outcomes of a part, those of the first tasks of the chunk. The info
/// is empty. Throws CorruptFile as well when the part has fewer that are valid.
[[nodiscard]] ChunkOutcome read_part(const fs::path& path, std::uint64_t session, std::size_t ichunk,
                                     TaskSpan tasks, std::uint64_t num_records, const LoadResult& load);

}  // namespace qmr::detail
