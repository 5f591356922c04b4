// qmr retry: runs the failed tasks of a map again.

#include "cli/go_on.hpp"

#include <CLI/CLI.hpp>
#include "cli/halt.hpp"
#include "cli/pool_options_given.hpp"
#include "cli/work_dirs.hpp"

namespace qmr::cli {

void add_retry(CLI::App& app, int& exit_code) {
    CLI::App* sub =
        app.add_subcommand("retry", "Run the failed tasks of a map again, and keep all other results");
    const auto arguments = add_go_on_arguments(*sub);
    sub->add_flag("--failed")->description("The tasks that failed")->required();
    const auto changes = PoolOptionsGiven::for_existing_map(*sub);
    sub->footer(
        "All outcomes are printed, also those of tasks that are not run again:\n"
        "  qmr retry --failed --memory 8G > results");
    sub->callback([arguments, changes, &exit_code] {
        const auto work_dir = choose_work_dir(arguments->work_dir);
        ExistingMap map(work_dir);
        changes.change(map.options());
        HaltFiles((work_dir / "outputs").native()).forget();
        exit_code = go_on(map, work_dir, arguments->output, GoOn::retry_failed);
    });
}

}  // namespace qmr::cli
