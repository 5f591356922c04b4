#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>

#include "adapters/subprocess.hpp"
#include "ground/process_tree.hpp"
#include "qmr/detail/chunk_run.hpp"
#include "qmr/options.hpp"
#include "vocabulary/work_dir.hpp"
#include "worker/chunk_channel.hpp"
#include "worker/shared_run.hpp"

namespace qmr::detail {

/// The child of a worker in which tasks run, so that whatever a task does to its process is seen here. One
/// process serves chunk after chunk with one function object; it is started when there is a chunk for it, and
/// again when a task has ended it. It dies with this process, and is killed when this one is told to leave,
/// after programs that it has started were asked to end. This process becomes the parent of what tasks leave
/// behind. Where the process of the tasks does not come to its end by itself, all that was started by it is
/// killed, before another one is started.
class TaskProcess {
  public:
    /// `patience`: how long the process may take to end when there are no more chunks.
    TaskProcess(WorkDir work_dir, std::uint64_t session, ChunkFunction function, TaskRetries retries = {},
                Seconds patience = Seconds{30});

    /// Tells the process that there are no more chunks, and blocks until it has ended; when that takes too
    /// long, or this process is told to leave, it is killed. A process that does not end well costs no result
    /// any more; that is told on stderr.
    ~TaskProcess();
    TaskProcess(const TaskProcess&) = delete;
    TaskProcess& operator=(const TaskProcess&) = delete;

    /// What this process and the tasks share: results are begun and ended here.
    [[nodiscard]] SharedRun& shared() noexcept { return shared_; }

    [[nodiscard]] const TaskRetries& retries() const noexcept { return retries_; }

    /// What is to be done in this process while the tasks run. Gives after how many milliseconds it is to be
    /// called again at the latest; -1: not again. Throws nothing.
    using Meanwhile = std::function<int()>;

    /// Runs the tasks of a chunk that have no results yet, and blocks until they have, or this process is
    /// told to leave. How the process ended; none: it waits for the next chunk. What became of the chunk is
    /// in the report. Throws Error.
    /// `chunk`: num_done is not looked at.
    std::optional<ExitStatus> run(
        const HandOver& chunk, const OpenFiles& files, const Meanwhile& meanwhile = [] { return -1; });

  private:
    void start(const OpenFiles& files);
    [[noreturn]] void be_child(Descriptor channel);
    std::optional<ExitStatus> hand_over(HandOver chunk, const OpenFiles& files, const Meanwhile& meanwhile);
    [[nodiscard]] bool was_stopped_before_first_task();
    std::optional<ExitStatus> reap(int options);
    std::optional<ExitStatus> reap_patiently();
    ExitStatus leave();
    ExitStatus kill();
    void end_descendants() const;

    WorkDir work_dir_;
    std::uint64_t session_;
    ChunkFunction function_;
    TaskRetries retries_;
    Seconds patience_;
    SharedRun shared_;
    pid_t pid_ = -1;  ///< -1: there is none
    Descriptor pidfd_;
    Descriptor channel_;
    std::optional<NewDescendants> descendants_;  ///< the process, and what it has started
};

}  // namespace qmr::detail
