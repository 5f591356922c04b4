#pragma once
// What the programs print for --help.

#include <string>

namespace qmr::dummy_queue {

/// `usage` and `what` are of one program; the rest, about the state file and its faults, is for all.
[[nodiscard]] std::string help_text(const std::string& usage, const std::string& what);

}  // namespace qmr::dummy_queue
