#pragma once

#include <string>
#include <string_view>

#include "cli/command_description.hpp"

namespace qmr::cli {

/// The man page qmr(1), for man(7).
[[nodiscard]] std::string man_page(const CommandDescription& command, std::string_view version);

}  // namespace qmr::cli
