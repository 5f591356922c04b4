#pragma once
// Decides what happens to the chunks of a map and their queue jobs. It has no clock, file or process: it is
// told what happened and when, and answers with what to do. So thousands of faulty histories run in a second.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decisions/batch_system.hpp"
#include "qmr/options.hpp"
#include "qmr/result.hpp"
#include "vocabulary/job_key.hpp"

namespace qmr::detail {

struct MonitorOptions {
    std::size_t num_chunks = 0;
    std::size_t max_num_resubmissions = 10;  ///< for each chunk
    Seconds file_system_latency{60};
    std::size_t max_jobs_per_submission = 1;  ///< more than 1: arrays
    Seconds explanation_patience{20};         ///< for why a worker was killed; accounting lags behind

    Seconds deletion_patience{30};  ///< before a deletion that had no effect is asked for again
    Seconds first_busy_wait{2};     ///< after the batch system said "not now"; doubles up to the next
    Seconds longest_busy_wait{60};
    std::size_t max_num_lost_submissions = 10;  ///< in a row; those of one outage count as one
    std::size_t max_num_first_polls = 10;       ///< failed ones, before any has succeeded
};

/// Submit queue jobs; jobs[i] are the chunks of the queue job with the index i + 1.
struct Submit {
    std::size_t isubmission = 0;
    std::vector<std::vector<std::size_t>> jobs;
};

/// Something for the log.
struct Note {
    std::size_t ichunk = 0;
    std::string text;
};

/// The tasks of this chunk count as failed.
struct GiveUp {
    std::size_t ichunk = 0;
    Cause cause = Cause::vanished;
    std::string message;
    std::size_t num_attempts = 0;
    JobKey job;  ///< the last one that worked on it
};

struct Decisions {
    std::vector<JobKey> remove;
    std::vector<Submit> submit;
    std::vector<GiveUp> give_up;
    std::vector<Note> notes;
    std::string abort;  ///< not empty: the map can not go on, for this reason
    bool is_done = false;
};

/// A listed queue job of this map.
struct SeenJob {
    JobKey key;
    std::string JB_job_number;
    JobState state = JobState::unknown;
    std::string reason = {};  ///< of an error state, as far as the batch system told it
};

/// What is going on, for a person.
struct Counts {
    std::size_t committed = 0;    ///< chunks
    std::size_t failed = 0;       ///< chunks
    std::size_t unsubmitted = 0;  ///< chunks
    std::size_t running = 0;      ///< queue jobs, as last listed
    std::size_t pending = 0;
    std::size_t held = 0;
    std::size_t suspended = 0;
    std::size_t in_error = 0;

    friend bool operator==(const Counts&, const Counts&) = default;
};

class JobMonitor {
  public:
    explicit JobMonitor(const MonitorOptions& options);

    // What happened. `now` is the time since any fixed instant.

    /// The batch system took the submission, under this number (empty: not known).
    void submit_accepted(std::size_t isubmission, const std::string& JB_job_number, Seconds now);
    /// A limit is reached for now: nothing of the submission is in the queue.
    void submit_busy(std::size_t isubmission, Seconds now);
    /// The array was too large; with a maximum above 0, no larger one will ever be accepted.
    void submit_too_large(std::size_t isubmission, std::uint64_t max_array_size);
    /// The submission was not tried, because one before it met a limit.
    void submit_put_off(std::size_t isubmission);
    /// Nobody knows whether the submission is in the queue. `is_full`: it met a limit, and did not fail.
    void submit_unclear(std::size_t isubmission, const std::string& message, Seconds now,
                        bool is_full = false);
    /// All queue jobs of this map that are listed.
    void polled(const std::vector<SeenJob>& listing, Seconds now);
    /// No listing could be had: no news about any queue job.
    void poll_failed(const std::string& message);
    /// A complete result file is there, and was read.
    void committed(std::size_t ichunk);
    /// A result file is there and can not be read.
    void rejected(std::size_t ichunk, const std::string& message);
    /// An attempt by this submission on a chunk ended without a result, and said so itself.
    void attempt_failed(std::size_t isubmission, std::size_t ichunk, Cause cause, const std::string& message,
                        bool may_retry);
    /// An attempt was killed from outside. The batch system gets a while to tell why.
    void attempt_killed(std::size_t isubmission, std::size_t ichunk, const std::string& message, Seconds now);
    /// What the batch system says of the end of a queue job.
    void explained(JobKey key, Cause cause, const std::string& message);

    /// The submissions that the batch system should be asked about now: queue jobs of theirs left the queue
    /// without a result, and nobody knows why. Few at a time, each more and more seldom.
    [[nodiscard]] std::vector<std::size_t> unexplained(Seconds now);

    /// What to do now.
    [[nodiscard]] Decisions decide(Seconds now);

    [[nodiscard]] Counts counts() const;
    [[nodiscard]] bool is_committed(std::size_t ichunk) const;
    [[nodiscard]] std::size_t num_attempts(std::size_t ichunk) const;
    /// Number of a submission; empty: not known.
    [[nodiscard]] const std::string& JB_job_number(std::size_t isubmission) const;
    /// Queue jobs of an array have an index.
    [[nodiscard]] bool is_array() const noexcept { return is_array_; }
    /// Whether a chunk waits for what this queue job computes.
    [[nodiscard]] bool is_needed(JobKey key) const;
    /// Queue jobs that are, or may be, in the queue.
    [[nodiscard]] std::vector<JobKey> live_jobs() const;
    /// Submissions that were tried, and of which nobody knows whether they are in the queue.
    [[nodiscard]] std::vector<std::size_t> unclear_submissions() const;

  private:
    enum class ChunkState { unsubmitted, submitted, committed, failed };
    struct Chunk {
        ChunkState state = ChunkState::unsubmitted;
        std::size_t num_attempts = 0;
        std::size_t num_resubmissions = 0;
        JobKey job;          ///< the current one; any other that works on this chunk is superseded
        std::string killed;  ///< how its worker was killed; empty: not that anybody knows
        Seconds killed_at{0};
    };
    struct Explanation {
        Cause cause = Cause::vanished;
        std::string message;
    };
    struct Job {
        std::vector<std::size_t> chunks;
        bool is_live = true;  ///< not known to have left the queue
        JobState state = JobState::pending;
        std::uint64_t last_poll = 0;           ///< number of the last poll that listed it
        std::size_t num_missing_polls = 0;     ///< in a row
        std::optional<Seconds> missing_since;  ///< not listed, or being deleted, since then
        std::optional<Seconds> ending_since;   ///< its chunks are committed, but it still runs
        std::optional<Seconds> removal_asked;
        std::optional<Seconds> next_question;  ///< to the batch system, about its end
        Seconds question_wait{1};              ///< after that one
        std::optional<Explanation> explanation;
    };
    enum class SubmissionState { asked, accepted, unclear, lost };
    struct Submission {
        SubmissionState state = SubmissionState::asked;
        std::string JB_job_number;
        std::string message;
        bool is_full = false;              ///< unclear because a limit was reached
        std::uint64_t num_polls_before{};  ///< when it became unclear
        Seconds since{0};
        std::size_t num_missing_polls = 0;
        std::vector<Job> jobs;
    };

    Job& job(JobKey key) { return submissions_[key.isubmission].jobs[key.index - 1]; }
    [[nodiscard]] const Job& job(JobKey key) const {
        return submissions_[key.isubmission].jobs[key.index - 1];
    }
    /// Whether it was ever submitted.
    [[nodiscard]] bool knows(JobKey key) const;
    /// Whether the chunk waits for what this queue job computes.
    [[nodiscard]] bool waits_for(std::size_t ichunk, JobKey key) const {
        return chunks_[ichunk].state == ChunkState::submitted && chunks_[ichunk].job == key;
    }
    void end_attempt(std::size_t ichunk, Cause cause, std::string message, bool may_retry);
    void end_attempts(JobKey key, Cause cause, const std::string& message);
    void end_killed_attempts(JobKey key, std::optional<Seconds> now);
    void wait_as_busy(Seconds now);
    void shrink_submissions(std::size_t num_jobs);
    void put_back(Submission& submission, std::size_t isubmission);
    void look_at_listed(JobKey key, Seconds now);
    void look_at_missing(JobKey key, Seconds now);
    void look_at_unclear(std::size_t isubmission, Seconds now);
    void submit_what_waits(Seconds now);

    MonitorOptions options_;
    std::vector<Chunk> chunks_;
    std::vector<Submission> submissions_;
    std::vector<JobKey> live_;
    std::vector<std::size_t> to_submit_;
    Decisions decisions_;   ///< collected until decide() hands them out
    std::size_t num_open_;  ///< chunks that are neither committed nor failed
    std::size_t num_failed_ = 0;
    std::uint64_t num_polls_ = 0;
    std::size_t num_failed_polls_ = 0;
    std::size_t num_lost_in_a_row_ = 0;
    std::optional<std::uint64_t> num_polls_before_last_loss_;
    bool is_array_;
    std::size_t jobs_per_submission_;
    Seconds busy_wait_{0};
    Seconds not_before_{0};
};

}  // namespace qmr::detail
