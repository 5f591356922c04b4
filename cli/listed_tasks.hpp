#pragma once
// Tasks that stand on the command line. Pure.

#include <optional>
#include <string>
#include <vector>

namespace qmr::cli {

/// Cuts ":::" and the tasks behind it off a command. None: there is no ":::". Throws BadInput when no task is
/// behind it, and for the other marks of GNU parallel, wherever they stand: a second ":::", ":::+", "::::"
/// and "::::+".
[[nodiscard]] std::optional<std::vector<std::string>> take_listed_tasks(std::vector<std::string>& command);

}  // namespace qmr::cli
