#pragma once
// What the dummy queue remembers of tasks that have run, and how dummy_qacct tells it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dummy_queue/state.hpp"

namespace qmr::dummy_queue {

/// How the command of a task ended.
struct RunResult {
    std::string failure;  ///< why it could not be started; empty: it was
    int failed_at = 0;    ///< the step of its start that failed, as Grid Engine counts them
    int exit_code = 0;    ///< 128 + the signal for one that was killed
    bool was_killed = false;
    std::optional<std::size_t> ikill{};  ///< by which of the plans
    bool was_started_twice = false;
};

/// One run of a task, as a line of the accounting file.
struct AccountRecord {
    std::string queue_name;
    std::string host;
    std::string JB_owner;
    std::string JB_name;
    std::uint64_t JB_job_number = 0;
    std::optional<std::uint64_t> array_task;
    std::int64_t submitted_at = 0;  ///< seconds since 1970, as the two others
    bool has_started = true;
    std::int64_t started_at = 0;
    std::int64_t ended_at = 0;
    std::string parallel_environment;
    std::uint64_t num_slots = 1;
    int failed = 0;
    std::string failed_because;
    int exit_status = 0;
    std::uint64_t wallclock = 0;  ///< seconds
    std::uint64_t maxvmem = 0;    ///< bytes
    std::string category;         ///< what was asked for by -l
};

/// `limit`: h_rt or h_vmem, when it was killed for that.
[[nodiscard]] AccountRecord account_of(const Job&, const RunningTask&, const RunResult&,
                                       const std::string& limit, std::int64_t now);

/// A paragraph of qacct.
[[nodiscard]] std::string to_paragraph(const AccountRecord&);

[[nodiscard]] std::string to_json_line(const AccountRecord&);
/// Throws a StateError.
[[nodiscard]] AccountRecord read_json_line(const std::string&);

}  // namespace qmr::dummy_queue
