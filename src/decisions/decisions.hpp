#pragma once
// The words between a JobMonitor and whoever carries out what it decides.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "decisions/batch_system.hpp"
#include "decisions/demand.hpp"
#include "decisions/pull_order.hpp"
#include "decisions/retry_limits.hpp"
#include "qmr/options.hpp"
#include "qmr/result.hpp"
#include "vocabulary/job_key.hpp"

namespace qmr::detail {

struct MonitorOptions {
    std::size_t num_chunks = 0;
    std::size_t max_num_resubmissions = 10;  ///< of a chunk, for each cause
    RetryLimitsByCause max_num_retries;      ///< likewise; those that are set
    DemandRules demand;
    double backup_factor = 0;  ///< of the median time of a chunk; 0: no backups
    Seconds file_system_latency{60};
    std::size_t max_jobs_per_submission = 1;  ///< more than 1: arrays
    bool is_pulled = false;                   ///< queue jobs take chunks by themselves, see claimed()
    PullWay pull_way = PullWay::spread;       ///< where they pull
    std::size_t max_num_jobs = 1000;          ///< in the queue at a time, where they pull
    Seconds explanation_patience{20};         ///< for why a worker was killed; accounting lags behind

    Seconds deletion_patience{30};  ///< before a deletion that had no effect is asked for again
    Seconds first_busy_wait{2};     ///< after the batch system said "not now"; doubles up to the next
    Seconds longest_busy_wait{60};
    std::size_t max_num_lost_submissions = 10;  ///< in a row; those of one outage count as one
    /// Queue jobs in a row that end without a chunk, those that were submitted together and end at the same
    /// time counting as one; or max_num_resubmissions, if that is more.
    std::size_t max_num_idle_jobs = 10;
    /// After the breaker has opened, before the first probe; doubles, see Breaker.
    Seconds first_probe_wait{2};
    bool is_listed = true;  ///< the queue is polled; else runs() and ended() tell all there is to know
    std::size_t max_num_first_polls = 10;  ///< failed ones, before any has succeeded
};

/// So many are asked about at a time: each question is a call of a client program.
inline constexpr std::size_t max_num_questions = 10;

/// Submit queue jobs; jobs[i] are the chunks of the queue job with the index i + 1, or those that it begins
/// with where queue jobs pull.
struct Submit {
    std::size_t isubmission = 0;
    std::vector<std::vector<std::size_t>> jobs;
    Demand demand;
    /// The map can do without it, or only a few chunks can not: refused by itself, see submit_refused().
    bool may_be_refused = false;
    bool is_only = false;  ///< where queue jobs pull: these take no other chunks
    /// Where queue jobs pull: the claims on these chunks are handed over to their queue jobs before.
    bool has_claims = false;
    bool is_backup = false;  ///< another queue job works on each of these chunks, too
    std::vector<std::string> excluded_hosts;
};

/// Something is tried again, for the log.
struct Note {
    std::optional<std::size_t> ichunk;  ///< none: about a queue job that had taken none
    std::string text;
    std::optional<JobKey> job = {};  ///< whose attempt on the chunk ended
};

/// Take away a claim, so that others can take the chunk.
struct FreeClaim {
    std::size_t ichunk = 0;
    JobKey job;

    friend bool operator==(const FreeClaim&, const FreeClaim&) = default;
};

/// An attempt on a chunk ended without a result; measured() is to tell how far it came, before all else.
struct Measure {
    std::size_t ichunk = 0;
    JobKey job;  ///< that made the attempt
    Cause cause = Cause::vanished;
    std::string message;
};

/// How far the attempts on a chunk came, as their files tell.
struct Achieved {
    std::size_t num_records = 0;    ///< outcomes of the first tasks of the chunk that an attempt has left
    std::size_t num_tasks = 1;      ///< in the chunk
    bool has_begun = false;         ///< the queue job in question had begun with the chunk
    std::string host = {};          ///< of that attempt; empty: not known
    double seconds = 0;             ///< that it took; 0: not known
    std::uint64_t peak_memory = 0;  ///< of that attempt, for each slot; 0: not known
    bool is_by_setup = false;       ///< the function object could not be made, or set up, in that attempt
    /// At its end, the task behind those records ran. Else it may have been a later one, since outcomes count
    /// late and the last ones may be lost.
    bool is_exact = true;
    std::size_t num_outcomes = 0;  ///< of that attempt, with those that do not count
};

/// What the batch system told about the end of a queue job.
struct Explanation {
    Cause cause = Cause::vanished;
    std::string message;
    std::optional<int> exit_code = {};  ///< of one that ended by itself
};

/// Tasks of a chunk that do not begin before the outcomes of all earlier ones count, so that it is known
/// which one ran when the attempt ended.
struct Alone {
    std::size_t first = 0;
    std::size_t end = 0;  ///< behind the last one

    [[nodiscard]] bool holds(std::size_t itask) const noexcept { return first <= itask && itask < end; }
    /// Whether the outcomes of all earlier tasks have to count before this one begins; also the one behind
    /// them.
    [[nodiscard]] bool has_to_wait(std::size_t itask) const noexcept {
        return end > 0 && first <= itask && itask <= end;
    }
    friend bool operator==(const Alone&, const Alone&) = default;
};

/// What the next attempt on a chunk begins with, to be written before it can begin.
struct NewHead {
    /// The task behind those records, which is to blame, and why. It is not run again.
    struct Failed {
        Cause cause = Cause::vanished;
        std::string message;
    };
    std::size_t ichunk = 0;
    std::size_t num_records = 0;  ///< outcomes that are not computed again
    std::optional<Failed> failed = {};
    Alone alone = {};
};

/// No more attempts on this chunk: its tasks without an outcome count as failed.
struct GiveUp {
    std::size_t ichunk = 0;
    Cause cause = Cause::vanished;
    std::string message;
    std::size_t num_attempts = 0;
    JobKey job;                   ///< the last one that worked on it
    std::size_t num_records = 0;  ///< outcomes that are there, those of tasks that are to blame included
};

/// In the order in which it is to be carried out.
struct Decisions {
    std::vector<Measure> measure;  ///< if there are any, nothing else is decided yet
    std::vector<GiveUp> give_up;
    std::vector<JobKey> remove;
    std::vector<NewHead> heads;
    std::vector<FreeClaim> free;
    std::vector<Submit> submit;
    std::vector<Note> notes;
    std::vector<std::string> warnings;  ///< for a person, one line each
    /// When decide() is to be called again, though nothing may have happened.
    std::optional<Seconds> again_at;
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

/// A submission of another process, which worked on the map before.
struct AdoptedSubmission {
    std::size_t isubmission = 0;
    bool is_over = false;       ///< nothing of it is in the queue any more
    bool is_accepted = false;   ///< else nobody knows whether it is in the queue
    std::string JB_job_number;  ///< where it was accepted
    /// As in Submit, but for the chunks that were taken from a queue job and have waited to be tried again.
    std::vector<std::vector<std::size_t>> jobs;
    Demand demand = {};
    bool is_only = false;                  ///< as in Submit
    std::set<std::uint64_t> deleted = {};  ///< indices of queue jobs that no chunk waits for
};

/// What is going on, for a person.
struct Counts {
    std::size_t committed = 0;    ///< chunks
    std::size_t failed = 0;       ///< chunks
    std::size_t unsubmitted = 0;  ///< chunks that no queue job is asked for; 0 where queue jobs pull
    std::size_t running = 0;      ///< queue jobs, as last listed
    std::size_t pending = 0;
    std::size_t held = 0;
    std::size_t suspended = 0;
    std::size_t in_error = 0;

    friend bool operator==(const Counts&, const Counts&) = default;
};

}  // namespace qmr::detail
