// qmr resume: goes on with a map in a work_dir, whichever program began it.

#include "cli/go_on.hpp"

#include <CLI/CLI.hpp>
#include "cli/pool_options_given.hpp"
#include "cli/work_dirs.hpp"

namespace qmr::cli {

void add_resume(CLI::App& app, int& exit_code) {
    CLI::App* sub =
        app.add_subcommand("resume", "Go on with a map that was interrupted, killed, or left alone");
    const auto arguments = add_go_on_arguments(*sub);
    const auto changes = PoolOptionsGiven::for_existing_map(*sub);
    sub->footer(
        "All outcomes are printed, also those of tasks that were done before:\n"
        "  qmr resume .qmr_20261121T014752-5b6eaa16 > results");
    sub->callback([arguments, changes, &exit_code] {
        const auto work_dir = choose_work_dir(arguments->work_dir);
        ExistingMap map(work_dir);
        changes.change(map.options());
        exit_code = go_on(map, work_dir, arguments->output);
    });
}

}  // namespace qmr::cli
