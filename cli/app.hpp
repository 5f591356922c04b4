#pragma once
// The command qmr: which subcommands there are, and what becomes of errors.

#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace qmr::cli {

/// The command line with all subcommands, whose callbacks leave the exit code. `command`: what stands behind
/// "--". Both must live as long as it.
[[nodiscard]] std::unique_ptr<CLI::App> make_app(int& exit_code, const std::vector<std::string>& command);

/// Runs a command line. Gives the exit code; one line on stderr tells what is wrong.
[[nodiscard]] int run(int argc, char** argv);

}  // namespace qmr::cli
