#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "adapters/attempt_record.hpp"
#include "vocabulary/work_dir.hpp"
#include "worker/task_process.hpp"

namespace qmr::detail {

enum class AttemptEnd { committed, failed, disk_full };

/// One attempt to run a chunk. The tasks run in another process, so whatever a task does to its process is
/// seen here, named in the results, and costs that task only: a new process goes on after it.
class ChunkAttempt {
  public:
    ChunkAttempt(WorkDir work_dir, std::uint64_t session, std::size_t ichunk, JobKey job);

    /// Runs the tasks and commits the results, unless another attempt was faster. What goes wrong is written
    /// to an exit record. Blocks as long as the tasks take.
    [[nodiscard]] AttemptEnd run(TaskProcess& process);

    /// Tells the pool that this attempt has ended without results.
    void write_exit_record(const ExitRecord& record) const;

  private:
    void run_tasks(TaskProcess& process);
    void settle_crash(const ExitStatus& status, const RunReport& report, const FileHeader& header,
                      RecordWriter& results) const;
    void commit() const;
    [[nodiscard]] double seconds_since_begin() const;

    WorkDir work_dir_;
    std::uint64_t session_;
    std::size_t ichunk_;
    Attempt attempt_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::uint64_t peak_memory_ = 0;
};

}  // namespace qmr::detail
