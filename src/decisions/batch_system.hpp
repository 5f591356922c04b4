#pragma once
// The seam to a batch system: everything qmr knows about one stands in a row of functions that only
// think. They make argv lists and read answers; running programs, time limits, retries and
// resubmission live above. A new batch system is one such row, with its captured answers as fixtures.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qmr/result.hpp"

namespace qmr::detail {

/// What a queue job is doing, whatever letters its batch system writes for it.
enum class JobState {
    pending,    ///< waits for a slot
    held,       ///< waits for somebody to release it
    running,    ///< holds a slot, or is on its way to one
    suspended,  ///< holds a slot, stopped for now
    deleting,   ///< on its way out
    error,      ///< will never run unless it is deleted and submitted again
    unknown,    ///< a state word this version does not know: left alone
};

/// Where a batch system has several places that queue jobs can go to (clusters of Slurm), a JB_job_number is
/// `number;place`; without a place the queue job is where it goes unless somebody says otherwise.
[[nodiscard]] inline std::string_view number_of_job(std::string_view JB_job_number) {
    return JB_job_number.substr(0, JB_job_number.find(';'));
}
/// Empty: the usual one.
[[nodiscard]] inline std::string_view place_of_job(std::string_view JB_job_number) {
    const auto begin = JB_job_number.find(';');
    return begin == std::string_view::npos ? std::string_view() : JB_job_number.substr(begin + 1);
}

/// A queue job as a listing shows it: one entry for each array task.
struct ListedJob {
    std::string JB_job_number;
    std::string JB_name;
    std::optional<std::uint64_t> array_index;  ///< none: not part of an array
    JobState state = JobState::unknown;
    std::string state_word;  ///< as the batch system wrote it
};

/// What the user may ask of the batch system for each queue job.
struct SubmitRequest {
    std::string JB_name;
    std::vector<std::string> command;   ///< absolute program and its arguments, to be run as they are
    std::string output_directory;       ///< absolute; what a queue job prints outside the worker goes here
    std::uint64_t array_size = 0;       ///< 0: a single queue job; n: an array with the indices 1 to n
    std::uint64_t max_num_running = 0;  ///< 0: no limit of our own; only for arrays
    std::string queue_name;             ///< empty: the batch system chooses
    std::string account;                ///< project or account to charge; empty: the user's default
    std::uint64_t memory_bytes = 0;     ///< per slot; 0: not asked for
    std::chrono::seconds walltime{0};   ///< 0: not asked for
    unsigned num_slots = 1;
    std::string parallel_environment;           ///< needed by Grid Engine when num_slots > 1
    std::vector<std::string> excluded_hosts;    ///< where no queue job of it is to run
    std::vector<std::string> submit_arguments;  ///< passed on as they are, after ours
};

/// What a client program of the batch system printed, and how it ended.
struct ClientAnswer {
    int exit_code = 0;  ///< of a program that ended by itself
    bool ended = true;  ///< false: killed by a signal, by the time limit, or could not be started
    std::string out;    ///< standard output
    std::string err;    ///< standard error
};

/// What became of a submission.
struct SubmitVerdict {
    enum class Kind {
        accepted,   ///< JB_job_number is valid
        busy,       ///< a limit is reached for now: wait, then submit again
        too_large,  ///< the array has too many queue jobs: a smaller one may be accepted at once
        refused,    ///< will never be accepted as it is
        unclear,    ///< may or may not be in the queue: look by name before submitting again
    };
    Kind kind = Kind::unclear;
    std::string JB_job_number;
    std::string message;  ///< one line for a person, when not accepted

    /// Of `too_large`: no larger array will ever be accepted. 0: this one was too large for now.
    std::uint64_t max_array_size = 0;
    /// Of `unclear`: because a limit is reached for now, which is no failure, however often it happens.
    bool is_full = false;
};

/// The queue jobs whose JB_name begins with a given prefix. None: the answer is garbled, or of another place
/// than was asked for, which is no news about any queue job.
using Listing = std::optional<std::vector<ListedJob>>;

/// A queue job, or one task of an array, to be deleted.
struct JobToDelete {
    std::string JB_job_number;
    std::optional<std::uint64_t> array_index = {};
    std::string JB_name = {};  ///< for batch systems that give numbers out again
};

/// What the batch system says of a queue job: why it does not run, or how it ended.
struct JobReport {
    std::string JB_name;
    std::optional<std::uint64_t> array_index;  ///< none: not part of an array, or said of all of it
    Cause cause = Cause::vanished;             ///< of an end; vanished: nothing that explains it
    std::string message;                       ///< one line for a person

    // Of an end, as far as it is told.
    std::optional<int> exit_code = {};  ///< of a queue job that ended by itself
    std::string host = {};
    double seconds = 0;             ///< that it ran; 0: not known
    std::uint64_t peak_memory = 0;  ///< bytes, of all its slots; 0: not known
};

struct BatchSystem {
    std::string_view name;
    std::span<const std::string_view> aliases;

    /// Default names of the client programs. The last one knows how queue jobs ended.
    std::string_view submit_program, status_program, delete_program, account_program;

    /// Variables (fnmatch(3) patterns) of the caller's environment that the client programs do not get, since
    /// they would change what these do in a way that no argument undoes.
    std::span<const std::string_view> withheld_from_clients;

    /// Variables of the caller's environment that tell to which places submissions go, the stronger
    /// first. The submit program gets them; the others do not, since they are told the place.
    std::span<const std::string_view> place_variables;

    /// What may be asked for in the stead of a place, for all there are. Empty: there is no such word.
    std::string_view all_places;

    /// A script that runs its arguments, for a batch system that takes nothing but scripts. Empty: it runs
    /// any command.
    std::string_view script;

    /// Whether more than one slot is only granted through a parallel environment.
    bool needs_parallel_environment;

    /// Whether each piece of a listing, cut off where it may be, is recognised as such.
    bool listing_has_end;

    /// Environment variable that tells a running array task its index.
    std::string_view array_index_variable;

    /// Environment variable of a queue job that was started before, under the same number and index; else it
    /// is not set, or 0.
    std::string_view restarted_variable;

    /// Variables (fnmatch(3) patterns) that the batch system sets for a queue job, and that the caller's
    /// environment must not overwrite.
    std::span<const std::string_view> own_variables;

    /// Whether it sets HOME, LOGNAME, PATH, SHELL and USER as well, which the caller's may overwrite.
    bool sets_account_variables;

    /// Most queue jobs in one submission, unless the site says otherwise.
    std::uint64_t max_array_size;

    /// Why queue jobs can not have their files in this directory, in one sentence; none: they can.
    std::optional<std::string> (*cannot_carry)(std::string_view directory);

    /// The places to which a submission with these arguments of the user may go. `variable`: the value of the
    /// first of `place_variables` that is set; empty: none is. Never empty; an empty one is the usual place.
    std::vector<std::string> (*places_asked_for)(std::span<const std::string> submit_arguments,
                                                 const std::string& variable);

    /// argv of a submission.
    std::vector<std::string> (*submit_command)(const std::string& program, const SubmitRequest&);
    /// `array_size`: as in the request.
    SubmitVerdict (*read_submit_answer)(const ClientAnswer&, std::uint64_t array_size);

    /// argv that lists all queue jobs of `user` in a place.
    std::vector<std::string> (*status_command)(const std::string& program, const std::string& user,
                                               const std::string& place);
    /// `error_state_indicator`: any of these letters in a state word means JobState::error.
    Listing (*read_status_answer)(const ClientAnswer&, std::string_view name_prefix,
                                  std::string_view error_state_indicator, std::string_view place);

    /// argv lists that together delete all of `jobs`, none of them longer than the system allows.
    std::vector<std::vector<std::string>> (*delete_commands)(const std::string& program,
                                                             std::span<const JobToDelete> jobs);
    /// argv that deletes what carries this exact JB_name in a place, for a submission whose answer never
    /// came.
    std::vector<std::string> (*delete_by_name_command)(const std::string& program, const std::string& JB_name,
                                                       const std::string& place);
    /// True when each queue job is deleted, being deleted, or was already gone.
    bool (*read_delete_answer)(const ClientAnswer&);

    /// argv that asks why the queue jobs of a submission do not run, or are in error state.
    std::vector<std::string> (*reason_command)(const std::string& status_program,
                                               const std::string& JB_job_number);
    /// Nothing where nothing is known.
    std::vector<JobReport> (*read_reason_answer)(const ClientAnswer&);

    /// argv that asks how the queue jobs of a submission ended. Numbers may have been given out before, so
    /// the answer counts for the JB_name that it tells.
    std::vector<std::string> (*account_command)(const std::string& account_program,
                                                const std::string& JB_job_number);
    /// Nothing where nothing is known, perhaps not yet.
    std::vector<JobReport> (*read_account_answer)(const ClientAnswer&);

    /// What the batch system itself wrote to the end of a queue job's output about its death. None: nothing.
    std::optional<JobReport> (*read_output)(std::string_view end_of_output);
};

/// All batch systems that qmr knows, those that are preferred first.
[[nodiscard]] std::span<const BatchSystem> batch_systems();

/// The one with this name or alias. None: unknown.
[[nodiscard]] const BatchSystem* find_batch_system(std::string_view name);

}  // namespace qmr::detail
