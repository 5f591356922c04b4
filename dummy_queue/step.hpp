#pragma once
// How time moves: one step for each call of dummy_qstat. Decides, and runs nothing itself.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dummy_queue/account.hpp"
#include "dummy_queue/chunks_of_job.hpp"
#include "dummy_queue/state.hpp"

namespace qmr::dummy_queue {

/// When the command is to be killed half way: when the file exists, or else after this time. And how, see
/// Fault.
struct KillPlan {
    std::size_t ifault = 0;
    double after_seconds = 0;
    std::string after_file{};
    std::string order{};
    std::string signal{};
    std::string limit{};  ///< that it is killed for; empty: for nothing
    /// Not before this link says so: then the chunk that the fault is aimed at is in the hands of the queue
    /// job, and whether the fault strikes is to be asked. Empty: it strikes from the start.
    std::string claim{};
    std::string claimant{};
};

/// A task whose command is to be run to its end now.
struct RunOrder {
    std::uint64_t JB_job_number = 0;
    std::uint64_t task = 1;
    bool restarted = false;
    Submission submission;
    std::vector<KillPlan> kills;               ///< the first whose time has come is carried out
    std::optional<std::size_t> istarts_twice;  ///< the fault that starts it twice
};

/// At most max_num_running tasks run. When a slot is free and something waits, the first that waits
/// starts, or goes to Eqw. Else the oldest that runs is handed out, to be run to its end.
[[nodiscard]] std::optional<RunOrder> advance(State&, std::int64_t now, const ChunksOfJob&);

/// Remembers who runs the command, so that nobody else does.
void mark_taken(State&, const RunOrder&, std::int64_t shepherd);

/// Takes note of the end: the task is gone, waits again (99), or is in error (100, or not started). What goes
/// to the accounting file; nothing for a task that the state does not know any more.
std::optional<AccountRecord> finish(State&, const RunOrder&, const RunResult&, std::int64_t now = 0);

/// Forgets tasks whose shepherd died before it could tell how the command ended.
void forget_lost_tasks(State&, const std::function<bool(std::int64_t shepherd)>& is_alive);

/// One call of dummy_qstat has shown the deleted tasks that linger.
void count_call_for_lingering_tasks(State&);

}  // namespace qmr::dummy_queue
