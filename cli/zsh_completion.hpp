#pragma once

#include <string>

#include "cli/command_description.hpp"

namespace qmr::cli {

/// A script that makes zsh complete command lines of the command, as a file _qmr in $fpath or by `source`.
[[nodiscard]] std::string zsh_completion(const CommandDescription& command);

}  // namespace qmr::cli
