#pragma once
// What a worker tells about an attempt and about tasks without a result: small JSON objects in result files
// and in exit records.

#include <cstddef>
#include <cstdint>
#include <string>

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
    int signal = 0;                 ///< that ended the tasks, sent by somebody else; 0: none
    double seconds = 0;             ///< the attempt took
    std::uint64_t peak_memory = 0;  ///< of the process that ran the tasks, in bytes

    [[nodiscard]] std::string to_json() const;
    /// Throws nlohmann::json::exception.
    [[nodiscard]] static ExitRecord from_json(const std::string& text);
};

/// Payload of an exception or crash record.
[[nodiscard]] std::string message_to_json(const std::string& message);
/// Throws nlohmann::json::exception.
[[nodiscard]] std::string message_from_json(const std::string& text);

}  // namespace qmr::detail
