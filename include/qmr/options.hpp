#pragma once
// What a caller can say about a map. Each option has a default; where a sentence names an environment
// variable, that variable changes the default without a rebuild. What the program sets itself wins.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace qmr {

/// A time in seconds, fractions allowed.
using Seconds = std::chrono::duration<double>;

/// How a map tells what it is doing, on stderr.
enum class Progress {
    automatic,  ///< a live line on a terminal, plain lines elsewhere
    lines,      ///< plain lines, few of them
    json,       ///< a JSON object a line, for programs
    silent,     ///< nothing
};

/// Which chunks a queue job works on.
enum class Jobs {
    automatic,      ///< pull where there are more chunks than queue jobs that can run, else one per chunk
    one_per_chunk,  ///< a queue job for each chunk
    pull,           ///< queue jobs take chunks, one after the other, from those that are left, until none is
};

namespace environment {
// The defaults below. Each throws BadInput, which names the variable, when its value can not be read.
[[nodiscard]] std::string text(const char* variable, const char* otherwise);
[[nodiscard]] std::vector<std::string> words(const char* variable, std::vector<std::string> otherwise = {});
[[nodiscard]] std::optional<std::size_t> count(const char* variable);
[[nodiscard]] std::uint64_t bytes(const char* variable);
[[nodiscard]] Seconds seconds(const char* variable, double otherwise);
[[nodiscard]] double factor(const char* variable, double otherwise);
[[nodiscard]] bool flag(const char* variable, bool otherwise = false);
[[nodiscard]] Progress progress(const char* variable);
[[nodiscard]] Jobs jobs(const char* variable);
}  // namespace environment

/// What each queue job asks the batch system for. The local cores take no notice.
///
/// A chunk whose queue job was killed for want of memory or time is submitted again with more of it, as
/// often as RetryLimits allow.
struct Resources {
    /// Memory in bytes for each slot; 0: do not ask. Grid Engine: `-l h_vmem`; Slurm: `--mem-per-cpu`.
    /// $QMR_MEMORY, such as 4G.
    std::uint64_t memory = environment::bytes("QMR_MEMORY");

    /// Longest time that a queue job may run, in seconds; 0: do not ask. Grid Engine: `-l h_rt`; Slurm:
    /// `--time`, in minutes, rounded up. $QMR_WALLTIME.
    std::chrono::seconds walltime =
        std::chrono::ceil<std::chrono::seconds>(environment::seconds("QMR_WALLTIME", 0));

    /// How much more memory or walltime than the last time, at least 1. $QMR_MEMORY_FACTOR,
    /// $QMR_WALLTIME_FACTOR.
    double memory_factor = environment::factor("QMR_MEMORY_FACTOR", 2);
    double walltime_factor = environment::factor("QMR_WALLTIME_FACTOR", 2);

    /// Most memory in bytes for each slot, and longest walltime in seconds, that are ever asked for; 0: no
    /// limit. $QMR_MAX_MEMORY, $QMR_MAX_WALLTIME.
    std::uint64_t max_memory = environment::bytes("QMR_MAX_MEMORY");
    std::chrono::seconds max_walltime =
        std::chrono::ceil<std::chrono::seconds>(environment::seconds("QMR_MAX_WALLTIME", 0));

    /// Slots (cores) for each queue job. Grid Engine: `-pe`; Slurm: `--cpus-per-task`. $QMR_SLOTS.
    std::size_t slots = environment::count("QMR_SLOTS").value_or(1);

    /// What grants more than one slot; Grid Engine needs it then: `-pe`. $QMR_PARALLEL_ENVIRONMENT.
    std::string parallel_environment = environment::text("QMR_PARALLEL_ENVIRONMENT", "");

    /// Project or account to charge; empty: the user's default. Grid Engine: `-P`; Slurm: `--account`.
    /// $QMR_ACCOUNT.
    std::string account = environment::text("QMR_ACCOUNT", "");

    /// More arguments for the submit program, passed on as they are. $QMR_SUBMIT_ARGUMENTS, split at spaces.
    std::vector<std::string> submit_arguments = environment::words("QMR_SUBMIT_ARGUMENTS");
};

/// How often it is tried again what went wrong for the same reason, before the task that is to blame, or
/// the chunk where none is, counts as failed. docs/failures.md has the table. An attempt that brings its
/// chunk further, be it by one task, does not count.
struct RetryLimits {
    /// A task whose function threw, at once and in the same process. $QMR_MAX_NUM_RETRIES_EXCEPTION.
    std::size_t exception = environment::count("QMR_MAX_NUM_RETRIES_EXCEPTION").value_or(0);

    /// A task that ended its process, at once and in a new process. $QMR_MAX_NUM_RETRIES_CRASH.
    std::size_t crash = environment::count("QMR_MAX_NUM_RETRIES_CRASH").value_or(1);

    /// A chunk whose queue job was killed for want of memory or time, in a queue job that asks for more.
    /// $QMR_MAX_NUM_RETRIES_OUT_OF_MEMORY, $QMR_MAX_NUM_RETRIES_OUT_OF_TIME.
    std::size_t out_of_memory = environment::count("QMR_MAX_NUM_RETRIES_OUT_OF_MEMORY").value_or(3);
    std::size_t out_of_time = environment::count("QMR_MAX_NUM_RETRIES_OUT_OF_TIME").value_or(3);

    /// A chunk whose queue job went to the error state, left the queue without a result, could not be worked
    /// on by its worker, or left a result that can not be read; none: max_num_resubmissions.
    /// $QMR_MAX_NUM_RETRIES_ERROR_STATE, ..._VANISHED, ..._WORKER_FAILURE, ..._CORRUPT_RESULT.
    std::optional<std::size_t> error_state = environment::count("QMR_MAX_NUM_RETRIES_ERROR_STATE");
    std::optional<std::size_t> vanished = environment::count("QMR_MAX_NUM_RETRIES_VANISHED");
    std::optional<std::size_t> worker_failure = environment::count("QMR_MAX_NUM_RETRIES_WORKER_FAILURE");
    std::optional<std::size_t> corrupt_result = environment::count("QMR_MAX_NUM_RETRIES_CORRUPT_RESULT");
};

/// The options of a Pool.
struct PoolOptions {
    /// "sge" (Grid Engine), "slurm", "local" (the cores of this machine), or "auto": the batch system whose
    /// programs answer, or the local cores where there are no programs of a batch system; which one it is
    /// gets told. Where programs are there and none answers, map() throws QueueError. $QMR_BATCH_SYSTEM.
    std::string batch_system = environment::text("QMR_BATCH_SYSTEM", "auto");

    /// The queue to submit to; empty: the batch system chooses. Grid Engine: `-q`; Slurm: `--partition`.
    /// $QMR_QUEUE_NAME.
    std::string queue_name = environment::text("QMR_QUEUE_NAME", "");

    /// The programs that submit, list and delete queue jobs; empty: found in $PATH by the name that the batch
    /// system gives them (Grid Engine: qsub, qstat, qdel; Slurm: sbatch, squeue, scancel). $QMR_QSUB_PATH,
    /// $QMR_QSTAT_PATH, $QMR_QDEL_PATH.
    std::string qsub_path = environment::text("QMR_QSUB_PATH", "");
    std::string qstat_path = environment::text("QMR_QSTAT_PATH", "");
    std::string qdel_path = environment::text("QMR_QDEL_PATH", "");

    /// The program that tells how a queue job ended (Grid Engine: qacct; Slurm: squeue); empty: found by this
    /// name beside the one that lists. Where there is none, less is told of failures. $QMR_QACCT_PATH.
    std::string qacct_path = environment::text("QMR_QACCT_PATH", "");

    /// Longest time between two looks at the queue, in seconds, above 0 and at most 5. It adapts: shorter
    /// while much is happening, longer while the batch system struggles. $QMR_POLLING_INTERVAL.
    Seconds polling_interval = environment::seconds("QMR_POLLING_INTERVAL", 5);

    /// Longest time that a program of the batch system may take, in seconds. $QMR_COMMAND_TIME_LIMIT.
    Seconds command_time_limit = environment::seconds("QMR_COMMAND_TIME_LIMIT", 60);

    /// How often the queue job of a chunk is submitted again, after an error state or when it left the queue
    /// without a result, before the tasks of the chunk count as failed. $QMR_MAX_NUM_RESUBMISSIONS.
    std::size_t max_num_resubmissions = environment::count("QMR_MAX_NUM_RESUBMISSIONS").value_or(10);

    /// Other limits for other reasons.
    RetryLimits max_num_retries;

    /// When nothing is left to be submitted, and a chunk has taken so many times as long as the median of
    /// those that are done, it is submitted once more; the first result counts, and the other queue job is
    /// deleted. Above 1; 0: never. Not on the local cores, where what is slow would be slow twice.
    /// $QMR_BACKUP_FACTOR.
    double backup_factor = environment::factor("QMR_BACKUP_FACTOR", 0);

    /// A queue job is in error state when its state holds one of these letters. $QMR_ERROR_STATE_INDICATOR.
    std::string error_state_indicator = environment::text("QMR_ERROR_STATE_INDICATOR", "E");

    /// How long a result may take to be seen from here after its queue job has left the queue, and a queue
    /// job to be listed after its submission, in seconds. Network file systems cache what they know about
    /// files for up to a minute. The local cores do not wait. $QMR_FILE_SYSTEM_LATENCY.
    Seconds file_system_latency = environment::seconds("QMR_FILE_SYSTEM_LATENCY", 60);

    /// For how many seconds a worker has to live on before what its tasks came to counts, up to 60. A batch
    /// system that ends a queue job may signal what a task has started before it signals the worker, and the
    /// task takes that for an outcome: Slurm with proctrack/linuxproc by up to 36 ms in 1,040 ends. The next
    /// task runs meanwhile, so it is the last one of a queue job that pays. The local cores do not wait.
    /// $QMR_SETTLING_TIME.
    Seconds settling_time = environment::seconds("QMR_SETTLING_TIME", 1);

    /// When no queue job has run for so many seconds although some wait, the reason that the batch system
    /// gives is told on stderr, then again less and less often. $QMR_PENDING_NOTICE.
    Seconds pending_notice = environment::seconds("QMR_PENDING_NOTICE", 60);

    /// Into how many chunks the tasks are cut, at least 1; no more chunks are made than there are tasks. Not
    /// together with chunk_size. Neither: up to 1,000 on a batch system; 16 for each local core, or 2 where
    /// there are more than 10,000 tasks for each. $QMR_NUM_CHUNKS.
    std::optional<std::size_t> num_chunks = environment::count("QMR_NUM_CHUNKS");

    /// How many tasks a chunk has at most, at least 1. Not together with num_chunks. $QMR_CHUNK_SIZE.
    std::optional<std::size_t> chunk_size = environment::count("QMR_CHUNK_SIZE");

    /// Whether there is a queue job for each chunk, or queue jobs pull chunks: a batch system fills a free
    /// slot about once a second, and a queue job that pulls needs no other slot for its next chunk.
    /// $QMR_JOBS: auto, one_per_chunk or pull.
    Jobs jobs = environment::jobs("QMR_JOBS");

    /// After how many seconds a queue job that pulls takes no other chunk and gives its slot back; another
    /// one is submitted for what is left. 0: an hour, or half of resources.walltime where that is shorter.
    /// $QMR_MAX_JOB_TIME.
    Seconds max_job_time = environment::seconds("QMR_MAX_JOB_TIME", 0);

    /// Where the files of the map go: a directory that worker nodes see under the same path. It must be empty
    /// or not exist. Empty: `./.qmr_<session id>`. $QMR_WORK_DIR.
    std::filesystem::path work_dir = environment::text("QMR_WORK_DIR", "");

    /// Where maps make their work_dirs, `<work_root>/.qmr_<session id>`, unless they have a work_dir: a
    /// directory that worker nodes see under the same path, and that other programs may use, too. There the
    /// results of all maps of a program stay until it ends with exit code 0; after any other end they stay
    /// for good, so that the program can be started again with `resume` and compute none of them twice.
    /// Empty: the current directory, where each map removes its work_dir when it is complete. $QMR_WORK_ROOT.
    std::filesystem::path work_root = environment::text("QMR_WORK_ROOT", "");

    /// The work_dir of a map that was interrupted or killed: map() goes on where that ended, from any host
    /// that sees the directory. Results that are there are taken, queue jobs that still run are adopted, what
    /// is missing is submitted; what failed for good in the meantime is tried again. It must be the same
    /// executable with the same function and tasks; chunks, mode and batch system stay as they were. While
    /// another process works on that map, this one is refused. Where there is no map yet, one begins, so the
    /// same command can be given until it succeeds. Not together with work_dir.
    ///
    /// Or a work_root: each map of the program goes on with the one in there that has its function, tasks and
    /// turn (the first, second, ... of maps that are the same), or else begins. Likewise with a work_dir that
    /// is named by $QMR_RESUME, and not by the program: maps of the program that are others begin. What fits
    /// no map is told when the program ends. $QMR_RESUME.
    std::filesystem::path resume = environment::text("QMR_RESUME", "");

    /// How a person goes on with a map that is not complete: told with the work_root, or where there is none
    /// the work_dir, in the place of {}; with the work_dir in the place of {work_dir}.
    std::string resume_hint = "the same command with QMR_RESUME={}";

    /// What the program wants to find again with the map: kept in the work_dir and told by MapStatus, but not
    /// looked into.
    std::string application_data;

    /// Keep the work_dir after a clean map, too. It is always kept when a task failed or wrote to stderr.
    /// $QMR_KEEP_WORK_DIR, 1 or 0.
    bool keep_work_dir = environment::flag("QMR_KEEP_WORK_DIR");

    /// Most queue jobs that run at a time; none: as many as the batch system lets run (at most 1,000 where
    /// they pull), or as many as this process may use local cores. $QMR_MAX_NUM_RUNNING.
    std::optional<std::size_t> max_num_running = environment::count("QMR_MAX_NUM_RUNNING");

    /// Submit arrays of queue jobs. Without it, a submission for each queue job. $QMR_ARRAYS, 1 or 0.
    bool arrays = environment::flag("QMR_ARRAYS", true);

    /// Most queue jobs in one array; none: what the batch system allows by default (Grid Engine: 75,000;
    /// Slurm: 1,000). Where the site allows less, smaller ones are tried. $QMR_MAX_ARRAY_SIZE.
    std::optional<std::size_t> max_array_size = environment::count("QMR_MAX_ARRAY_SIZE");

    /// What each queue job asks for.
    Resources resources;

    /// Environment variables that reach the tasks, also on the local cores: those that match one of the first
    /// patterns and none of the second (fnmatch(3)). What the batch system sets for its queue jobs is left
    /// alone in any case; where it does not set HOME, LOGNAME, PATH, SHELL, TMPDIR or USER, tasks have the
    /// caller's, unless they are withheld. What a launcher of parallel programs tells one process of a step
    /// (PMI_*, PMIX_*, OMPI_COMM_*, SRUN_*, ...) stays in that step. The programs of the batch system get all
    /// other variables, and may keep them. The value of a withheld variable is not written to the work_dir.
    /// $QMR_EXPORTED_VARIABLES, $QMR_WITHHELD_VARIABLES, split at spaces.
    std::vector<std::string> exported_variables = environment::words("QMR_EXPORTED_VARIABLES", {"*"});
    std::vector<std::string> withheld_variables = environment::words("QMR_WITHHELD_VARIABLES");

    /// What is told on stderr meanwhile. $QMR_PROGRESS: auto, lines, json or silent.
    Progress progress = environment::progress("QMR_PROGRESS");
};

}  // namespace qmr
