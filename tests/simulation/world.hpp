#pragma once
// The truth: what the cluster, its file system and its batch system really hold. Nobody sees all of it.

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decisions/job_monitor.hpp"
#include "decisions/job_time.hpp"
#include "decisions/pull_order.hpp"
#include "decisions/settling.hpp"
#include "simulation/faults.hpp"

namespace qmr::detail::simulation {

inline constexpr Seconds never{std::numeric_limits<double>::infinity()};
inline constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

/// A set of causes.
using Happened = std::uint32_t;
[[nodiscard]] constexpr Happened bit(Cause cause) {
    return 1U << static_cast<unsigned>(cause);
}

enum class TaskKind : std::uint8_t {
    fine,
    throws,
    ends_its_process,  ///< the worker sees it, and goes on behind it
    kills_all,         ///< the worker as well
    kills_its_tasks,   ///< not the worker, which tells of it
    wants_memory,
    wants_time,
};

struct Task {
    TaskKind kind = TaskKind::fine;
    Seconds duration{1};
    std::uint64_t memory = 0;
};

/// What an attempt has got done and counts, in the order of the tasks. The latest record may not be seen by
/// others yet.
struct Part {
    JobKey job;
    std::size_t num_records = 0;
    std::size_t num_before = 0;    ///< that were seen before
    std::size_t num_outcomes = 0;  ///< with those that do not count
    Seconds lag{0};
    Seconds seen_from{0};
    Seconds last_seen_from{0};
    bool is_gone = false;
    std::size_t first_wrong = none;  ///< outcome that the end of its queue job has made

    [[nodiscard]] bool is_seen(Seconds t) const { return !is_gone && t >= seen_from; }
    [[nodiscard]] std::size_t num_seen(Seconds t) const {
        return t >= last_seen_from ? num_records : num_before;
    }
};

struct ExitFile {
    JobKey job;
    Cause cause = Cause::worker_failure;
    const char* message = "";
    std::size_t ihost = 0;
    bool may_retry = true;
    int signal = 0;
    double seconds = 0;
    Seconds seen_from{0};
    bool is_exact = true;
};

struct ResultFile {
    JobKey job;
    std::size_t ihost = 0;
    bool is_corrupt = false;
    Seconds seen_from{0};
    Seconds took{0};
};

struct HeadFile {
    std::size_t ipart = none;
    std::size_t num_records = 0;
    std::optional<Cause> failed;
    Alone alone;
};

struct Chunk {
    std::vector<Task> tasks;
    std::optional<ResultFile> result;
    std::vector<Part> parts;
    std::vector<ExitFile> exits;
    std::optional<HeadFile> head;
    std::optional<HeadFile> older_head;
    std::optional<JobKey> claim;
    Seconds claim_seen_from{0};
    std::optional<JobKey> freed;  ///< a claim that is gone, and may still be seen
    Seconds freed_seen_until{0};

    Happened happened = 0;         ///< to attempts on it
    std::size_t num_kept = 0;      ///< outcomes that no attempt may compute again
    std::size_t num_attempts = 0;  ///< that began with it
};

/// How a queue job ended, as the batch system accounts for it.
struct Account {
    Seconds known_from = never;
    Cause cause = Cause::vanished;
    const char* message = "";
    std::optional<int> exit_code;
    double seconds = 0;
    std::uint64_t peak_memory = 0;
};

/// How a queue job ends before its worker has begun, or as soon as it has.
enum class Death : std::uint8_t { not_early, no_trace, no_launcher, error_state, in_setup, can_not_write };

struct Job {
    JobKey key;
    Death fate = Death::not_early;
    JobState state = JobState::pending;
    bool is_gone = false;  ///< from the queue
    bool is_only = false;
    bool has_worked = false;
    Demand demand;
    std::vector<std::size_t> line;     ///< chunks, as in its line of the .jobs file
    std::vector<std::size_t> touched;  ///< chunks that it has to do with
    std::size_t ihost = none;
    Seconds next{0};  ///< something happens to it, apart from its processes
    Seconds begin{0};
    double slowness = 1;    ///< so many times as long take its tasks
    bool has_slot = false;  ///< while it is being deleted
    std::size_t num_starts = 0;
    Seconds submitted_at{0};
    bool was_listed = false;
    Seconds cleared_at{-1000};  ///< of an error state
    Happened happened = 0;
    Account account;
};

/// What comes of the task that a process runs.
enum class Outcome : std::uint8_t {
    done,
    settled,
    killed,
    killed_tasks,
    for_memory,
    for_time,
    told,
    can_not_write,
    again,
    deleted
};

/// A worker at work. Where a queue job started twice it has two.
struct Process {
    std::size_t ijob = 0;
    bool is_over = false;
    Seconds next{0};
    std::unique_ptr<PullOrder> order;
    JobTime time{Seconds{0}, Seconds{0}};
    std::size_t iline = 0;
    std::size_t ichunk = none;
    std::size_t ipart = 0;
    std::size_t num_at_begin = 0;
    std::size_t num_outcomes = 0;  ///< of which the part has those that count
    Alone alone;
    Settling settling{{}};
    Seconds begin_of_chunk{0};
    Outcome outcome = Outcome::done;
};

struct Host {
    std::string name;
    bool is_black_hole = false;
    Death how_black = Death::no_trace;
    bool has_other_binary = false;
    std::size_t num_failed = 0;  ///< attempts
};

/// What a history is made of, drawn from its seed.
struct Setup {
    MonitorOptions options;
    const char* kind = "";
    std::size_t num_slots = 1;
    Seconds polling_interval{5};
    Seconds command_time_limit{60};
    Seconds max_job_time{0};
    std::size_t num_lives = 1;  ///< of the process node
    Seconds set_up_wrong_until{0};
    Death how_wrong = Death::not_early;
    Seconds longest_wait_for_slot{10};
    double share_of_slow = 0;             ///< queue jobs
    std::vector<std::string> places{""};  ///< to which submissions may go
    Seconds settling_time{0};
    bool is_faultless = false;
    bool only_tasks_fail = false;
    bool only_set_up_fails = false;
};

struct World {
    explicit World(std::uint64_t seed) : dice(seed) {}

    Dice dice;
    Faults faults;
    Setup setup;
    Seconds t{0};
    std::vector<Host> hosts;
    std::vector<Chunk> chunks;
    std::vector<Job> jobs;
    std::vector<std::vector<std::size_t>> jobs_of;   ///< by isubmission
    std::vector<std::string> place_of;               ///< likewise
    std::vector<std::vector<std::string>> excluded;  ///< hosts, by isubmission
    std::vector<std::size_t> queue;                  ///< jobs that are not gone
    std::vector<Process> processes;
    std::vector<std::vector<SeenJob>> listings;  ///< the latest ones, where they lag
    std::optional<Seconds> listed_after;  ///< while all is cleaned up: the age of the youngest that is listed
    std::size_t num_running = 0;
    Seconds outage_until{0};
    std::size_t num_outages = 0;
    Seconds last_progress{0};
    Seconds last_look{0};  ///< of the process node, into the work_dir
    Happened happened = 0;
    std::size_t num_unclear = 0;  ///< submissions
    std::size_t num_failed_lists = 0;
    std::size_t num_unlisted = 0;  ///< times that a live queue job was not listed

    bool is_traced = false;
    std::string problem;  ///< the first one; empty: none

    template <class... Arguments>
    void say(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
        if (is_traced)
            fmt::print("{:10.2f}  {}\n", t.count(), fmt::format(text, std::forward<Arguments>(arguments)...));
    }
    template <class... Arguments>
    void wrong(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
        if (!problem.empty()) return;
        problem = fmt::format(text, std::forward<Arguments>(arguments)...);
        say("WRONG: {}", problem);
    }

    /// Time goes on, and nobody is to blame that nothing happens.
    void excuse(Seconds time) { last_progress += time; }

    bool strikes(Fault fault) { return faults.strikes(fault, dice); }
    /// Null: it never was in the queue.
    [[nodiscard]] Job* find(JobKey key) {
        if (key.isubmission >= jobs_of.size() || key.index < 1 || key.index > jobs_of[key.isubmission].size())
            return nullptr;
        return &jobs[jobs_of[key.isubmission][key.index - 1]];
    }
    /// That this happened to an attempt of the queue job on the chunk.
    void mark(Job& job, std::size_t ichunk, Cause cause) {
        job.happened |= bit(cause);
        happened |= bit(cause);
        chunks[ichunk].happened |= bit(cause);
    }
    void mark(Job& job, Cause cause) {
        job.happened |= bit(cause);
        happened |= bit(cause);
    }
};

}  // namespace qmr::detail::simulation
