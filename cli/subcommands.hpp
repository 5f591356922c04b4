#pragma once
// A file for each subcommand; each adds itself to the command line.

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace qmr::cli {

/// Exit codes of the command. One that a signal ended dies of that signal.
enum ExitCode : int {
    all_well = 0,
    tasks_failed = 1,  ///< some tasks have no result
    bad_input = 2,     ///< nothing was submitted
    queue_failed = 3,  ///< the batch system refused, or something else went wrong on the way
};

/// Whether another command stands behind "--" on the command line of a subcommand, and how that is written.
[[nodiscard]] constexpr bool takes_command(std::string_view subcommand) {
    return subcommand == "map";
}
inline constexpr auto command_behind_mark = "-- COMMAND [ARGUMENT]... [::: TASK...]";

/// `command`: what stands behind "--", which must live as long as `app`.
void add_map(CLI::App& app, int& exit_code, const std::vector<std::string>& command);

/// Adds a subcommand, whose callback leaves the exit code.
using AddSubcommand = void (*)(CLI::App& app, int& exit_code);

void add_cancel(CLI::App& app, int& exit_code);
void add_clean(CLI::App& app, int& exit_code);
void add_completion(CLI::App& app, int& exit_code);
void add_doctor(CLI::App& app, int& exit_code);
void add_explain(CLI::App& app, int& exit_code);
void add_logs(CLI::App& app, int& exit_code);
void add_man(CLI::App& app, int& exit_code);
void add_resume(CLI::App& app, int& exit_code);
void add_retry(CLI::App& app, int& exit_code);
void add_status(CLI::App& app, int& exit_code);
void add_wait(CLI::App& app, int& exit_code);
void add_watch(CLI::App& app, int& exit_code);

}  // namespace qmr::cli
