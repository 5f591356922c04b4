#pragma once
// A process that was killed, or interrupted, may have left a map half done. Its work_dir is all there is to
// know about it.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "adapters/manifest.hpp"
#include "decisions/job_monitor.hpp"
#include "qmr/options.hpp"

namespace qmr::detail {

/// What the process that worked on a map before did about queue jobs.
struct PastMap {
    std::size_t num_submissions = 0;  ///< numbers that were used, those of submissions that got lost included
    std::vector<AdoptedSubmission> submissions;
    /// Chunks that wait no more for a queue job which had begun with them: ichunk, and that.
    std::vector<std::pair<std::size_t, JobKey>> freed;
    std::map<std::size_t, std::string> JB_names;  ///< by isubmission
};

/// From the journal. `are_jobs_gone`: queue jobs die with their process node. Throws
/// Error that names the file.
[[nodiscard]] PastMap read_past_map(const WorkDir& work_dir, std::size_t num_chunks, bool are_jobs_gone);

/// Makes the options cut tasks into chunks as those of a map were cut.
void cut_as(PoolOptions& options, const Manifest& there);

/// The options, with what of them can not change in the midst of a map. Throws BadInput where they
/// contradict.
[[nodiscard]] PoolOptions options_to_go_on(PoolOptions options, const Manifest& there,
                                           const WorkDir& work_dir);

/// Throws BadInput, unless the map was begun by the running executable.
void require_same_executable(const Manifest& there, const WorkDir& work_dir);

/// Throws BadInput that names what is different, unless both are the same function in the same executable.
void require_same_function(const Manifest& there, const Manifest& own, const WorkDir& work_dir);

/// Throws BadInput, unless the map has so many tasks.
void require_same_number(const Manifest& there, std::size_t num_tasks, const WorkDir& work_dir);

/// Throws BadInput, unless both have the same function and tasks.
void require_same_map(const Manifest& there, const Manifest& own, const WorkDir& work_dir);

}  // namespace qmr::detail
