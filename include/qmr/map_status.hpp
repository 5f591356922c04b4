#pragma once
// Looking at a map from another terminal or host: all there is to know is in its work_dir. Any map can be
// looked at, whatever program it is of, while it runs and afterwards. Nothing is written, nobody is
// disturbed.
//
// Each function throws BadInput, in one line, for a directory that is no work_dir, is of a newer format, or
// is somebody else's; and when what is in it can not be read.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "qmr/options.hpp"
#include "qmr/result.hpp"

namespace qmr {

using Time = std::chrono::system_clock::time_point;

/// What becomes of a map.
enum class MapState {
    preparing,               ///< its tasks are being written
    running,                 ///< a process node works on it
    left_alone,              ///< it did not come to its end, and nobody works on it; queue jobs may still run
    complete,                ///< it came to its end, and each task has a value
    complete_with_failures,  ///< it came to its end, and some tasks have no value
};

/// The name of a state, as in its declaration.
[[nodiscard]] std::string_view to_string(MapState state) noexcept;

/// The process that called map(), or went on with it, as its lease tells.
struct ProcessNode {
    enum class Life {
        alive,
        gone,
        unknown,  ///< it is on another host, or that can not be read
    };
    std::string host;  ///< empty: it can not be read
    long pid = 0;
    std::optional<Time> begin;  ///< when it began to work on the map
    Time last_sign;             ///< of life, by the clock of the file system
    Life life = Life::unknown;
    /// Whether it is taken to work on the map: it is alive; or unknown, and its last sign is not older than
    /// it said it might be, by the clock of this host.
    bool is_working = false;
};

/// A line of the log that a person should read.
struct Notice {
    std::optional<Time> time;
    std::string message;
};

struct MapStatus {
    std::filesystem::path work_dir;  ///< absolute
    std::string session_id;          ///< this and the next four are not known while the map is prepared
    std::string executable;
    std::string batch_system;  ///< "sge", "slurm", "local"
    Jobs jobs = Jobs::automatic;
    std::string JB_name_prefix;    ///< what the names of its queue jobs begin with
    std::string application_data;  ///< PoolOptions::application_data; not known while the map is prepared
    std::string how_to_go_on;      ///< PoolOptions::resume_hint, with the work_dir in it; likewise
    MapState state = MapState::preparing;
    std::optional<ProcessNode> process_node;  ///< none: nobody has a lease

    /// Those of chunks that are not done count as well, as far as attempts have written them down.
    std::size_t num_tasks = 0;
    std::size_t num_tasks_done = 0;  ///< they have a value
    std::size_t num_tasks_failed = 0;
    std::size_t num_tasks_left = 0;

    std::size_t num_chunks = 0;
    std::size_t num_chunks_committed = 0;
    std::size_t num_chunks_given_up = 0;
    std::size_t num_chunks_running = 0;  ///< an attempt has begun, and nothing tells of its end
    std::size_t num_chunks_waiting = 0;

    std::size_t num_submissions = 0;  ///< that were not refused
    std::size_t num_queue_jobs = 0;   ///< that were submitted

    std::optional<Time> begin;  ///< when the first submission was made
    Time last_change;           ///< in the work_dir, by the clock of its file system
    Seconds elapsed{0};         ///< since the last process went to work, until now or the last change
    std::optional<Notice> last_warning;

    /// Whether a process is taken to work on the map.
    [[nodiscard]] bool is_worked_on() const { return process_node && process_node->is_working; }
};

/// How far a map is. The values are not read, so this takes well under a second for 1,000 chunks.
[[nodiscard]] MapStatus read_map_status(const std::filesystem::path& work_dir);

/// "qmr: 450/1000 tasks, 2 running, 5 pending, ...", as map() tells it, cut to `width` columns. Chunks are
/// counted where map() counts queue jobs.
[[nodiscard]] std::string progress_line(const MapStatus& status, std::size_t width = std::string::npos);

enum class ChunkState { waiting, running, committed, given_up };
enum class TaskState { waiting, running, done, failed };
[[nodiscard]] std::string_view to_string(ChunkState state) noexcept;
[[nodiscard]] std::string_view to_string(TaskState state) noexcept;

/// One run of a worker on the chunk of a task, as far as its files, the journal and the accounting of the
/// batch system tell. What is not known is empty or 0.
struct AttemptReport {
    enum class State {
        running,    ///< it has begun, and nothing tells of its end
        committed,  ///< it made the results of the chunk
        failed,     ///< it ended without a result
        lost,       ///< it runs no more, and nobody wrote down why
    };
    State state = State::running;
    std::string JB_job_number;  ///< of its queue job; Slurm: `number;cluster` where one was named
    std::optional<std::uint64_t> array_index;  ///< none: the queue job is not one of several
    std::string host;
    std::optional<Time> begin;
    std::optional<Time> end;
    std::optional<Cause> cause;
    std::string message;  ///< what happened, and what was done about it
    double seconds = 0;
    std::uint64_t peak_memory = 0;      ///< bytes
    std::size_t num_outcomes = 0;       ///< of tasks of the chunk, in what it has written
    std::filesystem::path stdout_file;  ///< of all tasks of the chunk; empty: it has printed nothing
    std::filesystem::path stderr_file;
};
[[nodiscard]] std::string_view to_string(AttemptReport::State state) noexcept;

struct TaskReport {
    std::size_t itask = 0;
    TaskState state = TaskState::waiting;
    std::optional<TaskFailure> failure;

    std::size_t ichunk = 0;
    ChunkState chunk_state = ChunkState::waiting;
    std::size_t first_itask = 0;          ///< of its chunk
    std::size_t num_tasks = 0;            ///< in its chunk
    std::size_t num_outcomes = 0;         ///< of the first of these
    std::vector<AttemptReport> attempts;  ///< on its chunk; oldest first

    std::string task;                  ///< what cereal's binary archive wrote
    std::optional<std::string> value;  ///< likewise; none: it has no value

    std::string next;  ///< what happens next, or what to do: sentences
};

/// All that is known about a task. Throws BadInput when the map has no such task.
[[nodiscard]] TaskReport read_task_report(const std::filesystem::path& work_dir, std::size_t itask);

/// Of all tasks that have failed until now, in their order; what map() tells of them when it ends.
[[nodiscard]] std::vector<TaskFailure> read_failures(const std::filesystem::path& work_dir);

}  // namespace qmr
