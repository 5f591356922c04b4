#pragma once
// What becomes of a task, in sentences for a person.

#include <optional>
#include <string>

#include "adapters/manifest.hpp"
#include "qmr/map_status.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

struct TaskOutlook {
    TaskState task = TaskState::waiting;
    ChunkState chunk = ChunkState::waiting;
    std::optional<Cause> cause;  ///< of a task that failed
    bool is_outcome = false;     ///< that was written down for itself, and stays when the map is gone on with
    std::size_t num_before = 0;  ///< tasks of its chunk that are to be run before it
    bool is_worked_on = false;
    bool is_local = false;
    bool is_pulled = false;
    std::string queue_job;  ///< that its chunk waits for; empty: none is asked for
    std::string work_dir;
    std::string how_to_go_on;  ///< with a map that nobody works on
};

/// What happens next with a task, or what to do.
[[nodiscard]] std::string what_next(const TaskOutlook& outlook);

/// A PoolOptions::resume_hint with the paths in it. `work_root`: empty, if the map has none.
[[nodiscard]] std::string how_to_go_on(const std::string& resume_hint, const std::string& work_dir,
                                       const std::string& work_root);

/// The same, as a map has kept it.
[[nodiscard]] std::string how_to_go_on(const Manifest& map, const WorkDir& work_dir);

}  // namespace qmr::detail
