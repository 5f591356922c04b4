#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "adapters/claims.hpp"
#include "adapters/json_lines.hpp"
#include "decisions/job_monitor.hpp"
#include "decisions/pending_watch.hpp"
#include "decisions/polling_pace.hpp"
#include "decisions/question_pace.hpp"
#include "pool/attempts.hpp"
#include "pool/progress.hpp"
#include "pool/take_over.hpp"
#include "ports/job_queue.hpp"
#include "qmr/detail/map_run.hpp"
#include "vocabulary/chunking.hpp"

namespace qmr::detail {

/// Bytes of the end of a stderr that come with a failure.
inline constexpr std::size_t max_stderr_kept = 2000;

/// What a loop works on.
struct LoopContext {
    WorkDir work_dir;
    std::string session_id = {};
    std::function<TaskSpan(std::size_t ichunk)> tasks_of = {};
    std::size_t num_tasks = 0;
    MonitorOptions monitor = {};
    Seconds polling_interval{5};
    Seconds pending_notice{60};
    std::function<void()> require_lease = [] {};  ///< to be called often; throws LeaseLost
    std::size_t num_slots = 1;                    ///< of each queue job
    std::optional<InOrder> in_order = {};
};

/// How far a loop goes.
enum class Until {
    all_done,
    all_submitted,  ///< and known to be in the queue
};

/// Submits the queue jobs of a map, looks at them until all chunks are settled, and leaves none behind:
/// observes, lets the JobMonitor decide, carries out.
class MapLoop {
  public:
    MapLoop(LoopContext context, JobQueue& queue, JsonLines& journal, JsonLines& log,
            ProgressTeller& progress);

    /// Goes on where another process ended; to be called before run().
    void take_over(const PastMap& past);

    /// Blocks until each chunk has a result or is given up, or is submitted. Throws QueueError; CallerThrew;
    /// Interrupted when a signal came. The queue jobs are to be removed afterwards, whatever comes.
    void run(const LoadResult& load, Until until = Until::all_done);

    /// The commands that run() would begin with, instead of it.
    [[nodiscard]] std::vector<std::vector<std::string>> first_commands();

    /// Whether each chunk has a result or is given up.
    [[nodiscard]] bool is_done() const;

    /// Deletes what is in the queue of this map, and looks until nothing is, for a bounded time.
    void leave_nothing_behind() noexcept;

    /// Of all tasks without a result, in order; but for those that were delivered.
    [[nodiscard]] std::vector<TaskFailure> failures() const;

    [[nodiscard]] Standing standing() const;

    /// Whether an attempt wrote to stderr.
    [[nodiscard]] bool has_stderr() const noexcept { return has_stderr_; }

  private:
    void observe(const LoadResult& load);
    void look_into_work_dir(const LoadResult& load);
    void look_at_ended_jobs(const LoadResult& load);
    void read_exit_record(const ChunkFile& file, const std::string& name);
    void look_at_claims();
    void look_at_claim(std::size_t ichunk);
    void free_claims(const std::vector<FreeClaim>& claims);
    void try_to_free(std::size_t ichunk, std::optional<JobKey> job);
    bool take_results(std::size_t ichunk, const LoadResult& load);
    [[nodiscard]] bool may_be_readable_later(std::size_t ichunk);
    [[nodiscard]] ChunkOutcome read_patiently(std::size_t ichunk, const LoadResult& load) const;
    void settle_streams(std::size_t ichunk, ChunkOutcome& outcome);
    [[nodiscard]] std::vector<SeenJob> ours(const std::vector<ListedJob>& listing);
    void add_reasons(std::vector<SeenJob>& listing);
    void ask_about_missing(Seconds seen_at);
    void ask_about_end(std::size_t isubmission);
    [[nodiscard]] Explanation explain(JobKey job, const JobReport& report) const;
    void tell_why_pending();
    void tell_resubmissions(const std::vector<Note>& notes);
    void begin_behind_what_is_done();
    [[nodiscard]] bool is_all_submitted() const;
    void deliver_settled();
    void deliver(std::size_t ichunk);
    [[nodiscard]] Decisions decide();
    void write_head(const NewHead& order);
    void carry_out(const Decisions& decisions, const LoadResult& load);
    static void add_attempt(Json& line, JobKey job);
    void submit_all(const std::vector<Submit>& orders, const LoadResult& load);
    [[nodiscard]] QueueSubmission to_submission(const Submit& order);
    [[nodiscard]] SubmitVerdict::Kind submit(const Submit& order);
    void hand_over_claims(const Submit& order);
    void refused(const Submit& order, const std::string& message);
    void give_up(const GiveUp& chunk, const LoadResult& load);
    std::string remove(const std::vector<QueueJob>& jobs);
    [[nodiscard]] QueueJob to_job(JobKey key) const;
    [[nodiscard]] std::string JB_name_of(std::size_t isubmission) const;
    [[nodiscard]] bool needs_looks() const;
    [[nodiscard]] std::string output_of(JobKey key) const;
    void clean_queue();
    void wait_for_ending_jobs();
    [[nodiscard]] std::string end_of_stderr(std::size_t ichunk) const;
    [[nodiscard]] Seconds now() const;

    LoopContext context_;
    JobQueue& queue_;
    JsonLines& journal_;
    JsonLines& log_;
    ProgressTeller& progress_;
    Claims claims_;
    Attempts attempts_;
    JobMonitor monitor_;
    PollingPace pace_;
    PendingWatch pending_watch_;
    QuestionPace question_pace_;  ///< about how queue jobs ended
    std::chrono::steady_clock::time_point begin_;
    std::vector<EndedJob> ended_;
    std::map<std::size_t, std::string> JB_names_;               ///< by isubmission
    std::map<std::size_t, std::vector<TaskFailure>> failures_;  ///< by ichunk
    std::map<std::size_t, std::string> stderr_files_;  ///< by ichunk: of an attempt that is not committed
    std::set<std::string> exit_records_read_;
    std::map<std::string, int> num_tries_of_exit_records_;
    std::map<std::size_t, Seconds> unreadable_since_;  ///< by ichunk: its results
    std::set<std::string> unknown_states_;
    std::set<std::string> resubmissions_told_;  ///< their kinds
    std::string last_poll_failure_;
    bool is_silence_told_ = false;     ///< about how queue jobs ended
    std::size_t next_to_deliver_ = 0;  ///< ichunk; those before it are what they are for good
    std::size_t num_tasks_done_ = 0;
    std::size_t num_tasks_done_before_ = 0;  ///< of these, by other processes
    std::size_t num_tasks_failed_ = 0;
    bool has_stderr_ = false;
    bool is_taken_over_ = false;
    bool is_to_be_told_ = false;             ///< what there was when it was taken over
    std::size_t num_outcomes_in_parts_ = 0;  ///< then, of chunks without results
    PollingPace::Look last_look_ = PollingPace::Look::news;
    Seconds last_took_{0};
};

}  // namespace qmr::detail
