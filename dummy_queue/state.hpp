#pragma once
// Everything the dummy queue knows: what stands in the state file between two calls.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "dummy_queue/fault.hpp"
#include "dummy_queue/task_set.hpp"

namespace qmr::dummy_queue {

/// The state file is missing, or is not what it should be.
struct StateError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What dummy_qsub was asked for. Its defaults are those of qsub.
struct Submission {
    std::string JB_name;
    std::vector<std::string> command;      ///< a program or the name of a script, and its arguments
    bool is_binary = false;                ///< -b y: the command is run; else `script` is
    bool through_shell = true;             ///< -shell: the shell parses the command again
    std::string script;                    ///< its text, copied at submission
    std::string interpreter;               ///< -S
    std::string working_directory;         ///< -wd, -cwd; empty: the home directory
    std::string output_path;               ///< -o, without the host; empty: NAME.oNUMBER
    std::string error_path;                ///< -e
    bool join = false;                     ///< -j
    std::optional<TaskRange> array;        ///< -t
    std::uint64_t max_num_running = 0;     ///< -tc; 0: no limit
    bool held = false;                     ///< -h
    std::string queue_name;                ///< -q
    std::string parallel_environment;      ///< -pe
    std::uint64_t num_slots = 1;           ///< -pe
    std::vector<std::string> environment;  ///< -v, -V and SGE_O_*, as NAME=VALUE
    std::vector<std::string> recorded;     ///< options that are accepted and have no effect
};

/// A task that has a slot.
struct RunningTask {
    std::uint64_t task = 1;
    std::uint64_t istart = 0;     ///< the how manieth start it was: the lowest is the oldest
    std::int64_t started_at = 0;  ///< seconds since 1970
    bool restarted = false;       ///< it ran before, and asked for another run
    bool deleted = false;         ///< waits for its command to be killed
    std::int64_t shepherd = 0;    ///< the process that runs the command just now; 0: nobody yet
};

/// A task that is gone, and still listed.
struct LingeringTask {
    std::uint64_t task = 1;
    std::string state_word;
    bool has_slot = false;
    std::int64_t since = 0;  ///< seconds since 1970
    std::uint64_t num_calls_left = 0;
};

/// A task that went to Eqw.
struct TaskError {
    std::uint64_t task = 1;
    std::int64_t since = 0;  ///< seconds since 1970
    std::string reason;
};

struct Job {
    std::uint64_t JB_job_number = 0;
    std::string JB_owner;
    std::int64_t submitted_at = 0;  ///< seconds since 1970
    Submission submission;
    TaskSet waiting;
    TaskSet requeued;  ///< wait to run again
    TaskSet in_error;
    std::vector<RunningTask> running;
    std::vector<LingeringTask> lingering;
    std::vector<TaskError> errors;  ///< of the tasks `in_error`

    void put_in_error(std::uint64_t task, std::int64_t now, const std::string& reason) {
        in_error.insert(task);
        errors.push_back({task, now, reason});
    }
    [[nodiscard]] const std::string& JB_name() const { return submission.JB_name; }
    [[nodiscard]] bool is_array() const { return submission.array.has_value(); }
    [[nodiscard]] std::uint64_t step() const { return is_array() ? submission.array->step : 1; }
    /// Queue jobs of which something still may happen; lingering ones are not among them.
    [[nodiscard]] std::uint64_t num_tasks_left() const {
        return waiting.size() + requeued.size() + in_error.size() + running.size();
    }
    [[nodiscard]] bool is_over() const { return num_tasks_left() == 0 && lingering.empty(); }
};

/// One line of a listing, as dummy_qstat shows it.
struct ListedEntry {
    bool has_slot = false;
    std::uint64_t JB_job_number = 0;
    std::string JB_name;
    std::string JB_owner;
    std::string state_word;
    std::int64_t since = 0;
    std::string queue_name;
    std::uint64_t num_slots = 1;
    std::string tasks;  ///< empty outside arrays
};

/// A committed result that is not to be seen for a while.
struct LateFile {
    std::string path;
    std::string hidden_as;
    std::uint64_t num_calls_left = 0;
};

struct State {
    std::uint64_t next_JB_job_number = 1;
    std::uint64_t max_num_running = 10;
    std::uint64_t max_u_jobs = 0;  ///< 0: no limit
    std::uint64_t max_aj_tasks = 75000;
    bool waits = true;  ///< dummy_qstat waits for the end of the command that it runs
    std::vector<Fault> faults;
    std::vector<Job> jobs;
    std::uint64_t num_qsub_calls = 0;
    std::uint64_t num_qstat_calls = 0;
    std::uint64_t num_qdel_calls = 0;
    std::uint64_t num_starts = 0;  ///< of tasks, those that went to Eqw not counted
    std::vector<LateFile> late_files;
    std::vector<std::vector<ListedEntry>> earlier_listings;  ///< kept when a fault needs them
};

[[nodiscard]] Job* find_job(State&, std::uint64_t JB_job_number);
void remove_jobs_that_are_over(State&);

/// The text of a state file. Bytes that are no UTF-8 are kept.
[[nodiscard]] std::string to_json_text(const State&);
/// Strict: a key that is not known, or a value of the wrong type, is a StateError that says where.
[[nodiscard]] State read_json_text(const std::string&);

}  // namespace qmr::dummy_queue
