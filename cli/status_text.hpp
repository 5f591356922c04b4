#pragma once
// How far a map is, in words and as JSON.

#include <qmr/map_status.hpp>
#include <string>
#include <vector>

#include "cli/json.hpp"
#include "cli/reduction_state.hpp"

namespace qmr::cli {

/// "left alone"
[[nodiscard]] std::string in_words(MapState state);

/// A few lines, aligned. `now`: to tell how long ago something was; `failures`: of the tasks, as far as they
/// are to be told.
[[nodiscard]] std::string describe(const SeenMap& seen, const std::vector<TaskFailure>& failures, Time now);

/// The same as it is now, with the failures that its files tell of.
[[nodiscard]] std::string describe_now(const SeenMap& seen);

/// One line for each map, below a line that tells what is in the columns.
[[nodiscard]] std::string table_of(const std::vector<SeenMap>& maps, Time now);

[[nodiscard]] Json to_json(const SeenMap& seen);

}  // namespace qmr::cli
