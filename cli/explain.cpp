#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>

#include "cli/standard_streams.hpp"
#include "cli/subcommands.hpp"
#include "cli/task_text.hpp"
#include "cli/work_dirs.hpp"

namespace qmr::cli {

namespace {

struct ExplainOptions {
    std::size_t itask = 0;
    std::string work_dir;
};

}  // namespace

void add_explain(CLI::App& app, int&) {
    auto* subcommand = app.add_subcommand("explain", "Tell why a task waits, runs or failed, and what to do");
    const auto options = std::make_shared<ExplainOptions>();
    subcommand->add_option("ITASK", options->itask, "Which task, from 0")->required();
    add_work_dir(*subcommand, options->work_dir);
    subcommand->footer("Example: qmr explain 7\n");
    subcommand->callback([options] {
        const std::filesystem::path work_dir = choose_work_dir(options->work_dir);
        const TaskReport report = read_task_report(work_dir, options->itask);
        print_out("{}", explain(report, read_map_status(work_dir).last_warning));
    });
}

}  // namespace qmr::cli
