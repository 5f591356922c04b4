#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "adapters/attempt_record.hpp"
#include "vocabulary/work_dir.hpp"
#include "worker/part_mark.hpp"
#include "worker/task_process.hpp"

namespace qmr::detail {

enum class AttemptEnd {
    committed,
    settling,  ///< all tasks are done, and their outcomes do not count yet
    failed,
    disk_full,
    no_room,  ///< for processes, in memory, for open files
    told_to_leave,
};

/// One attempt to run a chunk. It begins where an earlier one has ended, if one has left something. The tasks
/// run in another process, so whatever a task does to its process is seen here, named in the results, and
/// costs that task only: a new process goes on after it.
class ChunkAttempt {
  public:
    /// `settling_time`: for how long this process has to live on before an outcome counts.
    ChunkAttempt(WorkDir work_dir, std::uint64_t session, std::size_t ichunk, JobKey job,
                 Seconds settling_time = Seconds{0});

    /// Runs the tasks and commits the results, unless another attempt was faster, or they are settling. What
    /// goes wrong is written to an exit record; the results that are there by then stay in the part. Blocks
    /// as long as the tasks take, or until this process is told to leave. `meanwhile` is called while they
    /// run.
    [[nodiscard]] AttemptEnd run(
        TaskProcess& process, const TaskProcess::Meanwhile& meanwhile = [] { return -1; });

    /// Of one that is settling: when it may be committed.
    [[nodiscard]] std::chrono::steady_clock::time_point settled_at() const;

    /// Ends an attempt that is settling: commits the results. Where this process was told to leave before all
    /// outcomes counted, the outcomes that count stay in the part, and an exit record is written.
    [[nodiscard]] AttemptEnd settle();

    /// Tells the pool that this attempt has ended without results.
    void write_exit_record(const ExitRecord& record) const;

  private:
    template <class Work>
    AttemptEnd try_to(Work work, SharedRun* shared);
    AttemptEnd run_tasks(TaskProcess& process, const TaskProcess::Meanwhile& meanwhile);
    void throw_if_told_to_leave(const FileHeader& header, std::uint64_t itask, bool is_running) const;
    void settle_crash(const ExitStatus& status, const FileHeader& header, TaskProcess& process,
                      const OpenFiles& files, std::size_t begin_of_stderr) const;
    std::uint64_t keep_results(SharedRun* shared, ExitRecord& record);
    void tell(ExitRecord& record) const;
    void commit() const;
    [[nodiscard]] double seconds_since_begin() const;

    WorkDir work_dir_;
    std::uint64_t session_;
    std::size_t ichunk_;
    Attempt attempt_;
    PartMark mark_;
    OpenFiles files_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::uint64_t peak_memory_ = 0;
    std::optional<std::uint64_t>
        num_at_begin_;  ///< outcomes that another part has; none: it did not get so far
    /// Outcomes in the part; known when all are there.
    std::uint64_t num_outcomes_ = std::numeric_limits<std::uint64_t>::max();
    bool is_whole_ = false;  ///< the part is, and is synced
};

}  // namespace qmr::detail
