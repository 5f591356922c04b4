#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decisions/job_monitor.hpp"

namespace qmr::detail {

/// A submission as the queue sees it.
struct QueueSubmission {
    std::size_t isubmission = 0;
    std::string JB_name;
    std::size_t num_jobs = 1;
    bool is_array = false;
    Demand demand;
    std::vector<std::string> excluded_hosts;
};

/// A queue job to be deleted.
struct QueueJob {
    JobKey key;
    std::string JB_job_number;
    std::string JB_name;
    bool is_array = false;
};

/// What a look at the queue gave. No listing: no news, for this reason; empty: a signal cut the look short.
struct Poll {
    Listing listing;
    std::string message;
    Seconds took{0};
};

/// What the batch system answered to a question. An empty answer: nothing is known, perhaps not yet.
struct AnswerOfQueue {
    std::vector<JobReport> reports = {};
    std::string complaint = {};  ///< why none came; empty: one did, or a signal cut the question short
    bool has_timed_out = false;  ///< it took too long
};

/// A queue job that is known to have ended.
struct EndedJob {
    JobKey key;
    std::string message;  ///< how
    bool has_failed = true;
    bool was_killed = false;  ///< its worker, by a signal: a task may have done that
};

/// Where queue jobs run: the programs of a batch system, or the cores of this machine.
class JobQueue {
  public:
    virtual ~JobQueue() = default;

    /// Whether the queue has to be looked at; otherwise wait() tells all there is to know.
    [[nodiscard]] virtual bool is_polled() const = 0;

    /// The queue jobs that run now. None: only a look at the queue can tell.
    [[nodiscard]] virtual std::optional<std::vector<JobKey>> running() const = 0;

    /// Submits queue jobs. Blocks while the program of the batch system runs, within its time limit.
    [[nodiscard]] virtual SubmitVerdict submit(const QueueSubmission& submission) = 0;

    /// Learns of a submission that another process made, whose queue jobs may be there: where it went.
    /// `JB_job_number`: empty where it is not known.
    virtual void remember(const std::string& JB_job_number) = 0;

    /// The command of such a submission. Throws Error when a script that it names is not as it was written.
    [[nodiscard]] virtual std::vector<std::string> submit_command(
        const QueueSubmission& submission) const = 0;

    /// All queue jobs whose JB_name begins with that of this map. Blocks as submit().
    [[nodiscard]] virtual Poll poll() = 0;

    /// Deletes queue jobs. Empty: all are gone or going; else what was said about those that are not.
    virtual std::string remove(std::span<const QueueJob> jobs) = 0;

    /// Deletes whatever has this name.
    virtual void remove_by_name(const std::string& JB_name) = 0;

    /// What is said of the queue jobs of a submission that wait or are in error state. Empty: nothing is
    /// known. Blocks as submit(), but not for long.
    [[nodiscard]] virtual std::vector<JobReport> reasons(const std::string& JB_job_number) = 0;
    /// What is said of those that have ended. Blocks for as long as this, or until a signal comes.
    [[nodiscard]] virtual AnswerOfQueue ends(const std::string& JB_job_number, Seconds time_limit) = 0;
    /// The same from the end of what a queue job printed outside the worker.
    [[nodiscard]] virtual std::optional<JobReport> read_output(const std::string& end_of_output) = 0;

    /// Waits until a queue job is known to have ended, a signal came (Interrupts), or the time is over.
    [[nodiscard]] virtual std::vector<EndedJob> wait(Seconds at_most) = 0;
};

}  // namespace qmr::detail
