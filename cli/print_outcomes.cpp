#include "cli/print_outcomes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <cerrno>
#include <system_error>

#include "cli/descriptor.hpp"
#include "cli/standard_streams.hpp"

namespace qmr::cli {

namespace {

constexpr std::size_t max_num_failures_told = 10;
constexpr std::size_t max_num_stderr_lines_told = 5;

// Each line behind a margin, the last ones only.
std::string last_lines(std::string_view text) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    std::size_t begin = text.size();
    for (std::size_t i = 0; i < max_num_stderr_lines_told && begin != std::string_view::npos && begin > 0;
         ++i)
        begin = text.rfind('\n', begin - 1);
    if (begin != std::string_view::npos && begin < text.size() && text[begin] == '\n')
        text.remove_prefix(begin + 1);
    std::string told;
    for (std::size_t line = 0; line < text.size();) {
        const std::size_t end = std::min(text.find('\n', line), text.size());
        told += fmt::format("    {}\n", text.substr(line, end - line));
        line = end + 1;
    }
    return told;
}

}  // namespace

void add_output_options(CLI::App& subcommand, OutputChoice& choice) {
    auto* json = subcommand.add_flag("--json", choice.is_json, "Print a line of JSON for each task");
    subcommand.add_option("--output", choice.directory, "Write a file for each task into this directory")
        ->type_name("DIR")
        ->excludes(json);
}

OutcomePrinter::OutcomePrinter(OutputChoice choice) : choice_(std::move(choice)) {
    if (choice_.directory.empty()) return;
    std::error_code error;
    std::filesystem::create_directories(choice_.directory, error);
    if (error)
        throw BadInput(
            fmt::format("--output: cannot make {}: {}", choice_.directory.native(), error.message()));
}

void OutcomePrinter::operator()(std::size_t itask, const Result<CommandOutput>& outcome) {
    ++num_tasks_;
    const FailureDetails details = outcome ? FailureDetails() : count(outcome.error());
    if (!outcome && !reduces_in_.empty()) return;  // half of a reduction is worth nothing
    if (outcome && !outcome->left_running.empty())
        tell(
            "qmr: task {} ({}): its command has ended, but its output is held open, and read no more, by "
            "{}\n",
            itask, short_text(outcome->task), fmt::join(outcome->left_running, ", "));
    const Stream& out = outcome ? outcome->out : details.out;
    const Stream& err = outcome ? outcome->err : details.err;
    if (choice_.is_json) {
        print_out("{}\n", to_json_line(itask, outcome));
    } else if (!choice_.directory.empty()) {
        print_to_file(itask, "stdout", out);
        if (err.size > 0)
            print_to_file(itask, "stderr", err);
        else
            remove_file(itask, "stderr");  // an earlier map's
    } else {
        print(out, STDOUT_FILENO);
        if (outcome) tell(err);
    }
}

void OutcomePrinter::take_failures(const std::vector<TaskFailure>& failures, std::size_t num_tasks) {
    num_tasks_ += num_tasks;
    for (const TaskFailure& failure : failures) count(failure);
}

void OutcomePrinter::reduces_in(std::filesystem::path work_dir) {
    reduces_in_ = std::move(work_dir);
    num_tasks_ = 0;
}

FailureDetails OutcomePrinter::count(const TaskFailure& failure) {
    ++num_failed_;
    FailureDetails details;
    if (auto told = FailureDetails::from_json(failure.details)) details = std::move(*told);
    if (!details.was_run)
        ++num_not_run_;
    else if (first_failures_.size() < max_num_failures_told)
        first_failures_.push_back(failure);
    return details;
}

std::filesystem::path OutcomePrinter::file_of(std::size_t itask, const char* name) const {
    return choice_.directory / fmt::format("{:09}.{}", itask, name);
}

void OutcomePrinter::remove_file(std::size_t itask, const char* name) const {
    std::error_code ignored;
    std::filesystem::remove(file_of(itask, name), ignored);
}

void OutcomePrinter::print_to_file(std::size_t itask, const char* name, const Stream& stream) const {
    const std::filesystem::path path = file_of(itask, name);
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (file.get() < 0)
        throw Error(fmt::format("cannot open {}: {}", path.native(), std::generic_category().message(errno)));
    print(stream, file.get());
    if (!file.reset())
        throw Error(
            fmt::format("cannot write {}: {}", path.native(), std::generic_category().message(errno)));
}

void OutcomePrinter::tell_failures(const std::filesystem::path& work_dir) const {
    if (num_failed_ == 0) return;
    tell("qmr: {} of {} {} failed:\n", num_failed_ - num_not_run_, num_tasks_,
         reduces_in_.empty() ? "tasks" : "reducing commands");
    for (const TaskFailure& failure : first_failures_) {
        const auto details = FailureDetails::from_json(failure.details);
        tell("qmr: task {}{}: {}{}\n{}", failure.itask,
             details ? fmt::format(" ({})", short_text(details->task)) : "", failure.message,
             failure.host.empty() ? "" : " on " + failure.host, last_lines(failure.end_of_stderr));
    }
    if (const std::size_t num_more = num_failed_ - num_not_run_ - first_failures_.size(); num_more > 0)
        tell("qmr: and {} more\n", num_more);
    if (num_not_run_ > 0) tell("qmr: {} tasks were not run, because of --halt\n", num_not_run_);
    const std::size_t itask = first_failures_.empty() ? 0 : first_failures_.front().itask;
    tell("qmr: all of it: qmr logs {} {}; once more: qmr retry --failed {}\n", itask,
         reduces_in_.empty() ? work_dir.native() : reduces_in_.native(), work_dir.native());
}

}  // namespace qmr::cli
