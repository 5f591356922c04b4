// qmr cancel: ends a map, whoever works on it.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <qmr/qmr.hpp>

#include "cli/reduction_state.hpp"
#include "cli/run_map.hpp"
#include "cli/standard_streams.hpp"
#include "cli/subcommands.hpp"
#include "cli/work_dirs.hpp"

namespace qmr::cli {

namespace {

// The next level may begin while one is looked at.
void cancel_reduction(const std::filesystem::path& work_dir) {
    for (bool goes_on = true; goes_on;) {
        const auto reduction = SeenMap::read(work_dir).reduction;
        if (!reduction || !reduction->level || reduction->is_complete()) return;
        const std::filesystem::path& level = reduction->level->work_dir;
        ExistingMap(level).cancel();
        goes_on = SeenMap::read(work_dir).current().is_worked_on();
    }
}

}  // namespace

void add_cancel(CLI::App& app, int& exit_code) {
    CLI::App* sub =
        app.add_subcommand("cancel", "End a map: delete its queue jobs, and keep what they have computed");
    const auto work_dir = std::make_shared<std::string>();
    add_work_dir(*sub, *work_dir);
    sub->footer(
        "Whoever works on it, on any host, is told to leave; qmr resume goes on with it:\n"
        "  qmr cancel .qmr_20261121T014752-5b6eaa16");
    sub->callback([work_dir, &exit_code] {
        const auto path = choose_work_dir(*work_dir);
        ExistingMap(path).cancel();
        cancel_reduction(path);
        tell("qmr: cancelled; to go on: {}\n", fmt::format(resume_hint, fmt::arg("work_dir", path.native())));
        exit_code = all_well;
    });
}

}  // namespace qmr::cli
