#pragma once

#include <cstdint>
#include <string>
#include <vector>

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
    std::string batch_system;
    bool is_pulled = false;   ///< queue jobs pull chunks; else each runs those on its line of a `.jobs` file
    double max_job_time = 0;  ///< seconds after which a queue job takes no other chunk; 0: no limit
    double walltime = 0;      ///< seconds after which the batch system kills a queue job; 0: no limit
};

/// Throws Error that names the file.
void write_manifest(const WorkDir& work_dir, const Manifest& manifest);

/// Throws Error that names the file, also when it has a format that this version does not know.
[[nodiscard]] Manifest read_manifest(const WorkDir& work_dir);

/// Writes which chunks each queue job of a submission works on, or begins with when it pulls chunks.
void write_jobs(const WorkDir& work_dir, std::size_t isubmission,
                const std::vector<std::vector<std::size_t>>& jobs);

/// The chunks of a queue job. Throws Error that names the file.
[[nodiscard]] std::vector<std::size_t> read_job(const WorkDir& work_dir, std::size_t isubmission,
                                                std::uint64_t index);

}  // namespace qmr::detail
