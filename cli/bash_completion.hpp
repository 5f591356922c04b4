#pragma once

#include <string>

#include "cli/command_description.hpp"

namespace qmr::cli {

/// A script that makes bash complete command lines of the command. It needs bash 4.
[[nodiscard]] std::string bash_completion(const CommandDescription& command);

}  // namespace qmr::cli
