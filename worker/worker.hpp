#pragma once

namespace qmr::detail {

/// Exit codes of a worker. They are its own, never those of a task: Grid Engine takes 99 for a request to run
/// the queue job again, and 100 for an error state.
enum WorkerExit : int {
    worker_committed = 0,      ///< each chunk that the queue job took has a result file
    worker_failed = 1,         ///< some chunk has none; its exit record tells why
    worker_can_not_run = 2,    ///< not even an exit record could be written; stderr tells why
    launcher_failed = 3,       ///< the directory of the caller could not be entered (worker_launcher.sh)
    worker_disk_full = 4,      ///< as worker_failed, for want of space
    worker_told_to_leave = 5,  ///< a signal came that a batch system sends before it kills: chunks are left
    worker_has_no_room = 6,    ///< as worker_failed, for want of processes, memory or descriptors
};

/// Runs the chunks of one queue job: argv holds worker_flag, the work_dir, the number of the submission, and
/// the index of the queue job. Gives the exit code for the process.
[[nodiscard]] int run_worker(int argc, char** argv) noexcept;

}  // namespace qmr::detail
