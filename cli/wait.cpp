// qmr wait: waits for the end of a map, and looks after it where nobody does.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <qmr/map_status.hpp>
#include <thread>

#include "cli/go_on.hpp"
#include "cli/reduction_state.hpp"
#include "cli/standard_streams.hpp"
#include "cli/work_dirs.hpp"

namespace qmr::cli {

namespace {

// Whether another process brought it to its end, and how.
std::optional<ExitCode> wait_for_others(const std::filesystem::path& work_dir) {
    constexpr std::chrono::seconds period{1};
    bool is_told = false;
    // Between two levels of a reduction nobody works for a moment.
    for (int num_idle = 0; num_idle < 2;) {
        const SeenMap seen = SeenMap::read(work_dir);
        const auto& process = seen.current().process_node;
        const bool is_worked_on = seen.current().is_worked_on();
        num_idle = is_worked_on ? 0 : num_idle + 1;
        if (is_worked_on && !std::exchange(is_told, true))
            tell("qmr: process {} on {} works on this map; waiting for it\n", process->pid, process->host);
        if (!is_told) return std::nullopt;
        if (!is_worked_on && seen.state() == MapState::complete) return all_well;
        if (!is_worked_on && seen.state() == MapState::complete_with_failures) return tasks_failed;
        std::this_thread::sleep_for(period);
        // A map without failures takes its work_dir with it.
        if (!std::filesystem::exists(work_dir / "manifest.json")) return all_well;
    }
    return std::nullopt;
}

}  // namespace

void add_wait(CLI::App& app, int& exit_code) {
    CLI::App* sub =
        app.add_subcommand("wait", "Wait for the end of a map, and look after it where nobody does");
    const auto arguments = add_go_on_arguments(*sub);
    sub->footer(
        "The outcomes are printed, unless another process prints them:\n"
        "  work_dir=$(seq 100 | qmr map --detach -- ./simulate {})\n"
        "  qmr wait $work_dir > results");
    sub->callback([arguments, &exit_code] {
        const auto work_dir = choose_work_dir(arguments->work_dir);
        if (const auto ended = wait_for_others(work_dir)) {
            exit_code = *ended;
            return;
        }
        ExistingMap map(work_dir);
        exit_code = go_on(map, work_dir, arguments->output);
    });
}

}  // namespace qmr::cli
