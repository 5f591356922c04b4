#pragma once
// Decides what happens to the chunks of a map and their queue jobs. It has no clock, file or process: it is
// told what happened and when, and answers with what to do. So thousands of faulty histories run in a second.
//
// A chunk is left, or taken by a queue job, or settled: committed or failed. A queue job takes its chunk when
// it is submitted; or, where queue jobs pull, when it claims one, and then it may take others. An attempt
// that ends without a result is measured: what it computed stays, and the next one goes on from there.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decisions/breaker.hpp"
#include "decisions/decisions.hpp"
#include "decisions/host_faults.hpp"

namespace qmr::detail {

class JobMonitor {
  public:
    explicit JobMonitor(const MonitorOptions& options);

    // What another process did before; to be told before all else.

    /// `past`: oldest first, without those that got lost. `num_submissions`: so many numbers are used up.
    void adopt(const std::vector<AdoptedSubmission>& past, Seconds now, std::size_t num_submissions = 0);
    /// Where queue jobs pull: an attempt of this one on the chunk has ended, or its claim was taken away.
    void was_freed(std::size_t ichunk, JobKey key);
    /// Attempts have left the outcomes of so many of its first tasks, which are not run again.
    void was_done(std::size_t ichunk, std::size_t num_records);

    // What happened. `now` is the time since any fixed instant.

    /// The batch system took the submission, under this number (empty: not known).
    void submit_accepted(std::size_t isubmission, const std::string& JB_job_number, Seconds now);
    /// A limit is reached for now: nothing of the submission is in the queue.
    void submit_busy(std::size_t isubmission, Seconds now);
    /// The array was too large; with a maximum above 0, no larger one will ever be accepted.
    void submit_too_large(std::size_t isubmission, std::uint64_t max_array_size);
    /// The submission was not tried, because one before it met a limit.
    void submit_put_off(std::size_t isubmission);
    /// The batch system will never take it as it is: a submission that may_be_refused.
    void submit_refused(std::size_t isubmission, const std::string& message);
    /// Nobody knows whether the submission is in the queue. `is_full`: it met a limit, and did not fail.
    void submit_unclear(std::size_t isubmission, const std::string& message, Seconds now,
                        bool is_full = false);
    /// All queue jobs of this map that are listed.
    void polled(const std::vector<SeenJob>& listing, Seconds now);
    /// No listing could be had: no news about any queue job.
    void poll_failed(const std::string& message);
    /// A queue job has a claim on a chunk.
    void claimed(std::size_t ichunk, JobKey by, Seconds now);
    /// A complete result file is there, and was read. `by`: the queue job that made it; the host and how long
    /// it took, where that is known.
    void committed(std::size_t ichunk, std::optional<JobKey> by = std::nullopt, const std::string& host = {},
                   Seconds took = Seconds{0});
    /// A result file is there and can not be read.
    void rejected(std::size_t ichunk, const std::string& message);
    /// An attempt by this queue job on a chunk ended without a result, and said so itself. Not `may_retry`:
    /// no chunk of the map could be run there.
    void attempt_failed(JobKey by, std::size_t ichunk, Cause cause, const std::string& message,
                        bool may_retry, Seconds now);
    /// An attempt was killed from outside. The batch system gets a while to tell why.
    void attempt_killed(JobKey by, std::size_t ichunk, const std::string& message, Seconds now);
    /// A queue job runs, where the queue is not polled.
    void runs(JobKey key, Seconds now);
    /// How far an attempt came that has ended without a result, after decide() asked for it.
    void measured(std::size_t ichunk, const Achieved& achieved, Seconds now);
    /// A queue job is known to have ended, and all that it left in the work_dir was seen. `has_failed`: it
    /// did not end by itself, for want of work. `cause`: of the end of what it had begun.
    void ended(JobKey key, bool has_failed, const std::string& message, Seconds now,
               Cause cause = Cause::worker_failure);
    /// What the batch system says of the end of a queue job.
    void explained(JobKey key, const Explanation& explanation, Seconds now);

    /// The submissions that the batch system should be asked about now: queue jobs of theirs left the queue
    /// without a result, and nobody knows why. Few at a time, each more and more seldom.
    [[nodiscard]] std::vector<std::size_t> unexplained(Seconds now, std::size_t at_most = max_num_questions);

    /// What to do now. When attempts are to be measured, it decides nothing else, and is to be asked again.
    [[nodiscard]] Decisions decide(Seconds now);

    [[nodiscard]] Counts counts() const;
    [[nodiscard]] bool is_committed(std::size_t ichunk) const;
    /// Committed, or given up.
    [[nodiscard]] bool is_settled(std::size_t ichunk) const;
    /// Neither settled nor taken by a queue job.
    [[nodiscard]] bool is_left(std::size_t ichunk) const;
    /// Left, but for a queue job of its own, which takes over the claim; where they pull.
    [[nodiscard]] bool is_reserved(std::size_t ichunk) const;
    [[nodiscard]] std::size_t num_attempts(std::size_t ichunk) const;
    /// Number of a submission; empty: not known.
    [[nodiscard]] const std::string& JB_job_number(std::size_t isubmission) const;
    /// Queue jobs of an array have an index.
    [[nodiscard]] bool is_array() const noexcept { return is_array_; }
    /// Of those that a queue job has taken, the chunks that wait for it.
    [[nodiscard]] std::vector<std::size_t> open_chunks(JobKey key) const;
    /// Whether it ever took the chunk.
    [[nodiscard]] bool has_taken(JobKey key, std::size_t ichunk) const;
    /// How many queue jobs a submission has.
    [[nodiscard]] std::size_t num_jobs(std::size_t isubmission) const;
    /// Whether a chunk waits for what this queue job computes, or will.
    [[nodiscard]] bool is_needed(JobKey key) const;
    /// Whether it has nothing to do any more, and is about to end by itself where it runs.
    [[nodiscard]] bool is_ending(JobKey key) const;
    /// Queue jobs that are, or may be, in the queue.
    [[nodiscard]] std::vector<JobKey> live_jobs() const;
    /// Those of them that no listing has shown, and that have left no result.
    [[nodiscard]] std::vector<JobKey> unlisted_jobs() const;
    /// Submissions that were tried, and of which nobody knows whether they are in the queue.
    [[nodiscard]] std::vector<std::size_t> unclear_submissions() const;

  private:
    /// reserved: left, but only for a queue job of its own; where they pull.
    enum class ChunkState { left, reserved, taken, ended, committed, failed };
    /// How an attempt ended without a result.
    struct Ending {
        JobKey job;
        Cause cause = Cause::vanished;
        std::string message;
        bool may_retry = true;
        bool was_killed = false;    ///< from outside
        bool came_further = false;  ///< than those before it
    };
    struct Kill {
        JobKey job;
        std::string how;
        Seconds at{0};
    };
    struct Chunk {
        ChunkState state = ChunkState::left;
        std::size_t num_attempts = 0;
        std::size_t num_done = 0;             ///< of its first tasks, that are not run again
        ByCause<std::size_t> num_retries;     ///< since then
        std::size_t num_blamed_in_a_row = 0;  ///< tasks, with none done in between
        Alone alone;                          ///< in its next attempt
        Ending ending;                        ///< of its last attempt, once it has ended
        Achieved achieved;                    ///< by then
        Demand demand;
        std::optional<JobKey> claimant;  ///< who has the claim, as far as that is known
        JobKey job;  ///< that has taken it; any other that works on this chunk is superseded
        Seconds taken_at{0};
        std::optional<JobKey> backup;  ///< works on it as well
        bool had_backup = false;       ///< in this attempt
        std::vector<JobKey> freed_of;  ///< queue jobs that had a claim before
        std::vector<Kill> kills;       ///< of its workers, as long as nobody knows why
    };
    struct Job {
        std::vector<std::size_t> chunks;  ///< that it has taken
        bool is_live = true;              ///< not known to have left the queue
        bool is_leaving = false;          ///< takes no other chunk
        bool is_excused = false;          ///< did something, or could have found nothing left to do
        bool is_adopted = false;          ///< was submitted by another process
        bool has_committed = false;       ///< a chunk
        std::optional<std::string> end;   ///< how it ended, where that is known for sure
        JobState state = JobState::pending;
        std::uint64_t last_poll = 0;           ///< number of the last poll that listed it
        std::size_t num_missing_polls = 0;     ///< in a row
        std::optional<Seconds> running_since;  ///< seen so
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
        bool is_only = false;
        bool is_backup = false;
        bool leaves_out_hosts = false;
        std::vector<Job> jobs;
    };

    Job& job(JobKey key) { return submissions_[key.isubmission].jobs[key.index - 1]; }
    [[nodiscard]] const Job& job(JobKey key) const {
        return submissions_[key.isubmission].jobs[key.index - 1];
    }
    /// Whether the batch system can be asked about it by its number. A claim may tell that it was accepted
    /// before the listing tells its number.
    [[nodiscard]] static bool is_listable(const Submission& submission) {
        return submission.state == SubmissionState::accepted && !submission.JB_job_number.empty();
    }
    /// Whether it was ever submitted.
    [[nodiscard]] bool knows(JobKey key) const;
    /// Whether the chunk waits for what this queue job computes.
    [[nodiscard]] bool waits_for(std::size_t ichunk, JobKey key) const {
        const Chunk& chunk = chunks_[ichunk];
        return chunk.state == ChunkState::taken && (chunk.job == key || chunk.backup == key);
    }
    [[nodiscard]] bool has_open_chunk(JobKey key) const;
    /// Whether it takes chunks, or will; where queue jobs pull.
    [[nodiscard]] bool is_pulling(const Job& job) const;
    /// The same, as far as listings tell: not one that is gone, or on its way out.
    [[nodiscard]] bool counts_as_pulling(const Job& job) const;
    [[nodiscard]] static bool has_begun(const Job& job);
    /// Whether it was in the queue, did something, and is there no more, as far as listings tell.
    [[nodiscard]] static bool is_out_of_sight(const Job& job);
    [[nodiscard]] bool is_in_doubt() const;
    void set_state(std::size_t ichunk, ChunkState state);
    void take(std::size_t ichunk, JobKey key, Seconds now);
    void back_up(std::size_t ichunk, JobKey key);
    /// True when another queue job works on the chunk, which does so alone from here on.
    bool goes_on_without(std::size_t ichunk, JobKey key);
    [[nodiscard]] bool is_straggling(std::size_t ichunk, Seconds limit, Seconds now) const;
    [[nodiscard]] Seconds median_time() const;
    void submit_backups(Seconds now);
    void refuse_backups(const std::string& message);
    /// Whether it had a claim that was taken away.
    [[nodiscard]] bool is_freed_of(std::size_t ichunk, JobKey key) const;
    void withdraw(const FreeClaim& claim);
    bool take_unseen(std::size_t ichunk, JobKey key, Seconds now);
    void revive(JobKey key, Seconds now);
    static void forget_error(Job& job);
    void end_without_chunk(JobKey key, Cause cause, const std::string& message, Seconds now);
    void count_idle(JobKey key, Cause cause, const std::string& message, Seconds now);
    void refused(JobKey by, std::size_t ichunk, Cause cause, const std::string& message, Seconds now);
    void free_claim(std::size_t ichunk);
    [[nodiscard]] std::size_t num_jobs_to_add() const;
    [[nodiscard]] std::size_t num_slots_left() const;
    void give_up_what_is_left();
    void end_attempt(std::size_t ichunk, JobKey key, Cause cause, std::string message, bool may_retry,
                     bool was_killed = false);
    [[nodiscard]] std::vector<Measure> attempts_to_measure();
    void judge_host(std::size_t ichunk, Seconds now);
    void bring_further(std::size_t ichunk);
    void settle_failure(std::size_t ichunk);
    [[nodiscard]] bool may_ask_for_more(std::size_t ichunk) const;
    void ask_for_more(std::size_t ichunk);
    void go_on_without_more(std::size_t ichunk, const std::string& message);
    [[nodiscard]] bool is_by_task(std::size_t ichunk) const;
    [[nodiscard]] bool is_suspect_known(std::size_t ichunk) const;
    void run_alone(std::size_t ichunk);
    void blame_task_or_give_up(std::size_t ichunk);
    void blame_task(std::size_t ichunk);
    void give_up(std::size_t ichunk);
    void try_again(std::size_t ichunk, const std::string& how);
    [[nodiscard]] std::vector<std::string> excluded_hosts(Seconds now);
    void end_attempts(JobKey key, Cause cause, const std::string& message, Seconds now);
    void end_killed_attempts(JobKey key, std::optional<Seconds> now);
    [[nodiscard]] Seconds next_verdict(JobKey key, Seconds now) const;
    [[nodiscard]] Seconds end_of_patience(const Kill& kill) const;
    void wait_as_busy(Seconds now);
    void shrink_submissions(std::size_t num_jobs);
    void put_back(JobKey key);
    void put_back_all(std::size_t isubmission);
    void lose(std::size_t isubmission);
    void has_gone_well();
    void has_failed(JobKey key, Cause cause, const std::string& message, Seconds now,
                    const std::string& host = {}, bool is_by_setup = false);
    void hold_back(Seconds now);
    void give_up_all();
    void submit_probe(Seconds now);
    [[nodiscard]] std::optional<Seconds> next_decision(Seconds now) const;
    void look_at_listed(JobKey key, Seconds now);
    void look_at_missing(JobKey key, Seconds now);
    void look_at_unclear(std::size_t isubmission, Seconds now);
    void submit_what_is_left(Seconds now);
    void submit_pulling(Seconds now);
    [[nodiscard]] std::vector<std::vector<std::size_t>> first_parts(std::size_t num_jobs) const;
    void submit_alone(const std::vector<std::size_t>& chunks, Seconds now, bool are_backups = false);
    void submit_jobs(const std::vector<std::vector<std::size_t>>& jobs, const Submit& like, Seconds now);
    void tidy(std::vector<std::size_t>& chunks, ChunkState state) const;

    MonitorOptions options_;
    std::vector<Chunk> chunks_;
    std::vector<Submission> submissions_;
    std::vector<JobKey> live_;
    std::vector<std::size_t> left_;      ///< chunks in this state, and some that were
    std::vector<std::size_t> reserved_;  ///< likewise
    std::vector<std::size_t> ended_;     ///< likewise
    HostFaults host_faults_;
    std::vector<std::string> excluded_hosts_;  ///< as last told
    Decisions decisions_;                      ///< collected until decide() hands them out
    std::vector<Seconds> took_;                ///< chunks with a result, where that is known
    std::size_t num_left_;
    std::size_t num_open_;  ///< chunks that are neither committed nor failed
    std::size_t num_failed_ = 0;
    std::size_t num_idle_in_a_row_ = 0;  ///< rounds of queue jobs without a chunk, since the last result
    std::size_t first_isubmission_to_count_ = 0;  ///< of the next round
    Seconds last_idle_at_{0};
    GiveUp last_idle_;  ///< how the last of them ended
    std::uint64_t num_polls_ = 0;
    std::size_t num_failed_polls_ = 0;
    std::size_t num_lost_in_a_row_ = 0;
    std::optional<std::uint64_t> num_polls_before_last_loss_;
    bool is_array_;
    std::size_t jobs_per_submission_;
    Breaker breaker_;
    Seconds busy_wait_{0};
    Seconds not_before_{0};
};

}  // namespace qmr::detail
