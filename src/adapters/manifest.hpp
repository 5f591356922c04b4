#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/json_lines.hpp"
#include "decisions/pull_order.hpp"
#include "vocabulary/chunking.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// What a map is, written once before anything is submitted. Workers read it.
struct Manifest {
    std::string session_id;
    std::string executable;
    std::string build_id;           ///< of the executable
    std::string function_build_id;  ///< of the module that holds the function
    std::uint64_t function_offset = 0;
    std::uint64_t num_tasks = 0;
    std::uint64_t num_chunks = 0;
    std::uint64_t chunk_size = 0;     ///< most tasks in a chunk, of a range of unknown length; 0: even chunks
    std::uint64_t function_hash = 0;  ///< of the data of the function object
    std::uint64_t tasks_hash = 0;     ///< of all tasks, in their order
    std::uint64_t turn = 0;  ///< which of the maps of its program that are the same in all this it is
    std::optional<std::uint64_t>
        position;                    ///< how many maps its program had begun before, one after the other
    std::string work_root;           ///< that it shares with other maps of its program; empty: none
    bool is_directory_made = false;  ///< for the map: the work_dir was not there before
    std::string batch_system;
    bool is_pulled = false;  ///< queue jobs pull chunks; else each runs those on its line of a `.jobs` file
    PullWay pull_way = PullWay::spread;  ///< where they pull
    double max_job_time = 0;   ///< seconds after which a queue job takes no other chunk; 0: no limit
    double walltime = 0;       ///< seconds after which the batch system kills a queue job; 0: no limit
    double settling_time = 0;  ///< seconds that a worker has to live on before an outcome counts
    std::uint64_t max_num_retries_exception = 0;  ///< of a task whose function threw
    std::uint64_t max_num_retries_crash = 0;      ///< of a task that ended its process
    /// Variables of process nodes that tasks do not get, though a batch system may pass them on; sorted.
    std::vector<std::string> withheld_names;
    Json options = Json::object();  ///< of the pool, for whoever goes on without it: options_to_json()

    [[nodiscard]] TaskSpan tasks_of(std::size_t ichunk) const;
    /// The chunk of a task, which must be one of the map.
    [[nodiscard]] std::size_t ichunk_of(std::size_t itask) const;
    void add_withheld_names(const std::vector<std::string>& names);
};

/// Throws Error that names the file.
void write_manifest(const WorkDir& work_dir, const Manifest& manifest);

/// Throws Error that names the file, also when it has a format that this version does not know.
[[nodiscard]] Manifest read_manifest(const WorkDir& work_dir);

/// What one queue job of a submission works on.
struct JobLine {
    std::vector<std::size_t> chunks;  ///< where queue jobs pull, it begins with these
    bool is_only = false;             ///< and takes no others, though queue jobs pull

    friend bool operator==(const JobLine&, const JobLine&) = default;
};

/// Writes what each queue job of a submission works on: a line for each.
void write_jobs(const WorkDir& work_dir, std::size_t isubmission, const std::vector<JobLine>& jobs);

/// All of them. Throws Error that names the file.
[[nodiscard]] std::vector<JobLine> read_jobs(const WorkDir& work_dir, std::size_t isubmission);

/// That of one queue job. Throws Error that names the file.
[[nodiscard]] JobLine read_job(const WorkDir& work_dir, std::size_t isubmission, std::uint64_t index);

}  // namespace qmr::detail
