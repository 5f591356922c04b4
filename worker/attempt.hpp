#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "adapters/attempt_record.hpp"
#include "qmr/detail/chunk_run.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

enum class AttemptEnd { committed, failed, disk_full };

/// One attempt to run a chunk. The tasks run in a child process, so that whatever a task does to its process
/// is seen here, named in the results, and costs that task only: a new child goes on after it.
class ChunkAttempt {
  public:
    ChunkAttempt(WorkDir work_dir, std::uint64_t session, std::size_t ichunk, JobKey job);

    /// Runs the tasks and commits the results, unless another attempt was faster. What goes wrong is written
    /// to an exit record. Blocks as long as the tasks take.
    [[nodiscard]] AttemptEnd run(ChunkFunction function);

    /// Tells the pool that this attempt has ended without results.
    void write_exit_record(const ExitRecord& record) const;

  private:
    void run_tasks(ChunkFunction function);
    void commit(int part);
    [[nodiscard]] double seconds_since_begin() const;

    WorkDir work_dir_;
    std::uint64_t session_;
    std::size_t ichunk_;
    Attempt attempt_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::uint64_t peak_memory_ = 0;
};

}  // namespace qmr::detail
