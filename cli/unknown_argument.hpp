#pragma once
// What is said about an argument that no subcommand knows.

#include <optional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace qmr::cli {

/// The long option of a command that is nearest to an argument, such as --memory to --memroy=4G.
[[nodiscard]] std::optional<std::string> nearest_option(const CLI::App& command, std::string_view argument);

/// Names an argument that the command line has, but nothing takes, with the option or subcommand that is
/// nearest. None: there is no such argument. To be called when the command line was parsed, or refused.
[[nodiscard]] std::optional<std::string> complain_of_unknown_argument(const CLI::App& app);

}  // namespace qmr::cli
