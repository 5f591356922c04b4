#pragma once
// What is known about a task, in words.

#include <optional>
#include <qmr/map_status.hpp>
#include <string>

namespace qmr::cli {

/// A line for each attempt on the chunk of the task; empty: there was none.
[[nodiscard]] std::string describe_attempts(const TaskReport& report);

/// Why a task waits, runs or failed, the attempts, and what happens next: a few lines. `warning`: the last
/// one in the log of the map, which may be why it waits.
[[nodiscard]] std::string explain(const TaskReport& report, const std::optional<Notice>& warning);

}  // namespace qmr::cli
