#include "cli/go_on.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/command_function.hpp"
#include "cli/reduce.hpp"
#include "cli/run_map.hpp"
#include "cli/standard_streams.hpp"
#include "cli/work_dirs.hpp"

namespace qmr::cli {

namespace {

// Its values are for the program that began it.
ExitCode finish(ExistingMap& map, const std::filesystem::path& work_dir) {
    const auto failures = map.finish();
    tell("qmr: the results are in {}; the program that began the map takes them: {}\n", work_dir.native(),
         read_map_status(work_dir).how_to_go_on);
    return failures.empty() ? all_well : tasks_failed;
}

}  // namespace

std::shared_ptr<GoOnArguments> add_go_on_arguments(CLI::App& subcommand) {
    auto arguments = std::make_shared<GoOnArguments>();
    add_work_dir(subcommand, arguments->work_dir);
    add_output_options(subcommand, arguments->output);
    return arguments;
}

ExitCode go_on(ExistingMap& map, const std::filesystem::path& work_dir, const OutputChoice& output,
               GoOn how) {
    if (how == GoOn::retry_failed) map.retry_failed();
    if (!map.is_of<CommandFunction, CommandTask>()) return finish(map, work_dir);
    OutcomePrinter printer(output);
    if (auto reduction = Reduction::from_json(map.options().application_data))
        return run_map(work_dir, printer, [&] {
            ReductionOf reduced{work_dir, std::move(*reduction), map.options(), how == GoOn::retry_failed};
            reduce(std::move(reduced), map.finish(), printer);
        });
    return run_map(work_dir, printer,
                   [&] { map.for_each_result<CommandFunction, CommandTask>(std::ref(printer)); });
}

}  // namespace qmr::cli
