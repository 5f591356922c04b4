#pragma once
// What a map needs before its first task is written.

#include <filesystem>
#include <string>

#include "adapters/executable.hpp"
#include "pool/queue_choice.hpp"
#include "qmr/detail/chunk_run.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// Throws BadInput when qmr::init() was not called.
void require_init();

/// Where the code of the function is. Throws BadInput when the executable can not be recognised.
[[nodiscard]] CodeLocation place_of(ChunkFunction function);

/// As it is written to the work_dir, and compared.
[[nodiscard]] fs::path normal_path(const std::filesystem::path& path);

/// The absolute path of the work_dir that the options tell, or of a new one.
[[nodiscard]] fs::path choose_work_dir(const PoolOptions& options, const std::string& session_id);

/// Throws BadInput when the batch system can not have its files there.
void require_usable(const WorkDir& work_dir, const QueueChoice& queue);

/// Longest time for which a process that maps may do nothing but wait for a program of the batch system.
[[nodiscard]] Seconds longest_silence(const PoolOptions& options);

/// Writes what queue jobs start.
void write_launcher(const WorkDir& work_dir, const PoolOptions& options, const QueueChoice& queue,
                    const std::string& executable);

/// For a map that a signal ended, in a process that it did not end.
[[noreturn]] void throw_interrupted(int signal, const WorkDir& work_dir);

}  // namespace qmr::detail
