#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/command_streams.hpp"
#include "cli/standard_streams.hpp"
#include "cli/subcommands.hpp"
#include "cli/task_text.hpp"
#include "cli/work_dirs.hpp"

namespace qmr::cli {

namespace {

struct LogsOptions {
    std::size_t itask = 0;
    std::string work_dir;
    bool is_stdout_only = false;
    bool is_stderr_only = false;
};

// The attempt that made the results, or is at it; else the last one that has printed something.
const AttemptReport* attempt_to_show(const std::vector<AttemptReport>& attempts) {
    const auto counts = [](const AttemptReport& attempt) {
        return attempt.state == AttemptReport::State::committed ||
               attempt.state == AttemptReport::State::running;
    };
    const auto has_printed = [](const AttemptReport& attempt) {
        return !attempt.stdout_file.empty() || !attempt.stderr_file.empty();
    };
    for (const auto is_it : {+counts, +has_printed}) {
        const auto found = std::find_if(attempts.rbegin(), attempts.rend(), is_it);
        if (found != attempts.rend()) return &*found;
    }
    return nullptr;
}

Stream stream_in(const std::filesystem::path& file) {
    return {{}, file.native(), 0};
}

// Of a command what it printed for this task; else what all tasks of the chunk did.
std::optional<CommandStreams> streams_of(const std::filesystem::path& work_dir, const TaskReport& report) {
    if (auto streams = command_streams(work_dir, report)) {
        tell("qmr: task {} ({}) is in chunk {}\n", report.itask, short_text(streams->task), report.ichunk);
        return streams;
    }
    tell("qmr: task {} is in chunk {}", report.itask, report.ichunk);
    if (report.num_tasks > 1)
        tell("; what follows is of its tasks {} to {}", report.first_itask,
             report.first_itask + report.num_tasks - 1);
    tell("\n");
    const AttemptReport* attempt = attempt_to_show(report.attempts);
    if (attempt == nullptr) return std::nullopt;
    return CommandStreams{{}, stream_in(attempt->stdout_file), stream_in(attempt->stderr_file)};
}

void show(const LogsOptions& options) {
    const auto work_dir = choose_work_dir(options.work_dir);
    const TaskReport report = read_task_report(work_dir, options.itask);
    const auto streams = streams_of(work_dir, report);
    tell("{}", describe_attempts(report));
    if (!streams) tell("qmr: nothing was printed\n");
    if (streams && !options.is_stderr_only) print(streams->out, STDOUT_FILENO);
    if (streams && !options.is_stdout_only) print(streams->err, STDERR_FILENO);
}

}  // namespace

void add_logs(CLI::App& app, int&) {
    auto* subcommand = app.add_subcommand("logs", "Show what a task printed to stdout and stderr");
    const auto options = std::make_shared<LogsOptions>();
    subcommand->add_option("ITASK", options->itask, "Which task, from 0")->required();
    add_work_dir(*subcommand, options->work_dir);
    auto* only_out =
        subcommand->add_flag("--stdout", options->is_stdout_only, "Only what it printed to stdout");
    auto* only_err =
        subcommand->add_flag("--stderr", options->is_stderr_only, "Only what it printed to stderr");
    only_out->excludes(only_err);
    subcommand->footer(
        "The attempts are told on stderr, before all else. Tasks of a C++ program share the streams of\n"
        "their chunk.\n"
        "Example: qmr logs 7 --stdout > task_7.txt\n");
    subcommand->callback([options] { show(*options); });
}

}  // namespace qmr::cli
