#pragma once
// What is known of the tasks of a chunk, whatever became of it.

#include <string>
#include <vector>

#include "adapters/outcomes.hpp"
#include "pool/map_view.hpp"
#include "qmr/map_status.hpp"

namespace qmr::detail {

[[nodiscard]] ChunkState state_of(const MapView& view, std::size_t ichunk);

struct ChunkOutcomes {
    std::string file;  ///< that has them; empty: there are none
    Outcomes outcomes;
};

/// From its results, or of its parts from the one that has the most, with the task that its head blames.
[[nodiscard]] ChunkOutcomes read_chunk_outcomes(const MapView& view, std::size_t ichunk, ChunkState state);

/// How many tasks of a chunk have an outcome, and how many of these failed.
struct TaskCounts {
    std::size_t num_settled = 0;
    std::size_t num_failed = 0;
};

/// From the journal, where it tells.
[[nodiscard]] TaskCounts count_tasks(const MapView& view, std::size_t ichunk, ChunkState state);

/// Of the tasks of a chunk that have failed, as the process node tells it; `outcomes` are those that were
/// read of it. `num_before`: so many tasks of other chunks have failed.
[[nodiscard]] std::vector<TaskFailure> failures_of(const MapView& view, std::size_t ichunk, ChunkState state,
                                                   Outcomes outcomes, std::size_t num_before = 0);

}  // namespace qmr::detail
