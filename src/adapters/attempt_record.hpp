#pragma once
// What a worker tells about an attempt and about tasks without a result: small JSON objects in result files
// and in exit records.

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "qmr/result.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// About an attempt that was committed: the info record of a result file.
struct AttemptInfo {
    Attempt attempt;
    std::string host;
    double seconds = 0;
    std::uint64_t peak_memory = 0;  ///< bytes

    [[nodiscard]] std::string to_json() const;
    /// Throws nlohmann::json::exception.
    [[nodiscard]] static AttemptInfo from_json(const std::string& text);
};

/// How an attempt ended that was not committed: an exit record.
struct ExitRecord {
    Cause cause = Cause::worker_failure;
    std::string message;
    std::string host;
    bool may_retry = true;
    int signal = 0;                   ///< that ended the tasks, sent by somebody else; 0: none
    double seconds = 0;               ///< the attempt took
    std::uint64_t peak_memory = 0;    ///< of the process that ran the tasks, in bytes
    std::uint64_t num_records = 0;    ///< tasks, from the first of the chunk on, whose outcome is in its part
    std::uint64_t num_uncounted = 0;  ///< outcomes behind these that came too late to count
    bool is_by_setup = false;         ///< the function object could not be made, or set up

    [[nodiscard]] std::string to_json() const;
    /// Throws nlohmann::json::exception.
    [[nodiscard]] static ExitRecord from_json(const std::string& text);
};

/// Why a task has no result: the payload of an exception or crash record.
struct FailureRecord {
    Cause cause = Cause::exception;
    std::string message;
    std::string end_of_stderr;           ///< what its function or the end of its process left
    std::vector<FailedAttempt> history;  ///< its failed attempts; oldest first, the last one included
    std::string details = {};            ///< what its function added

    [[nodiscard]] nlohmann::ordered_json to_object() const;
    [[nodiscard]] std::string to_json() const;
    /// Throws nlohmann::json::exception.
    [[nodiscard]] static FailureRecord from_object(const nlohmann::ordered_json& object);
    [[nodiscard]] static FailureRecord from_json(const std::string& text);
};

[[nodiscard]] nlohmann::ordered_json to_object(const FailedAttempt& attempt);
[[nodiscard]] nlohmann::ordered_json to_array(const std::vector<FailedAttempt>& history);
/// Throw nlohmann::json::exception.
[[nodiscard]] FailedAttempt read_failed_attempt(const nlohmann::ordered_json& object);
[[nodiscard]] std::vector<FailedAttempt> read_history(const nlohmann::ordered_json& array);

}  // namespace qmr::detail
