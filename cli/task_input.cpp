#include "cli/task_input.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <cerrno>
#include <qmr/qmr.hpp>
#include <system_error>
#include <utility>

#include "cli/option_value.hpp"
#include "cli/standard_streams.hpp"

namespace qmr::cli {

namespace {

TaskFormat format_of(const TaskInput& input) {
    if (input.block_size) return TaskFormat::blocks;
    if (input.is_null_separated) return TaskFormat::null_separated;
    const auto is_told_by = [&](std::initializer_list<const char*> endings) {
        return input.format == "auto" && input.file && std::ranges::any_of(endings, [&](const char* ending) {
                   return boost::algorithm::iends_with(*input.file, ending);
               });
    };
    if (input.format == "csv" || is_told_by({".csv"})) return TaskFormat::csv;
    if (input.format == "tsv" || is_told_by({".tsv"})) return TaskFormat::tsv;
    if (input.format == "json" || is_told_by({".jsonl", ".ndjson"})) return TaskFormat::json;
    return TaskFormat::lines;
}

std::size_t block_size_of(const TaskInput& input) {
    if (!input.block_size) return 0;
    const auto size = read_size(*input.block_size);
    if (!size || *size == 0)
        throw BadInput(fmt::format("--pipe: \"{}\" is no size; give bytes, or a number with K, M, G or T",
                                   *input.block_size));
    return *size;
}

}  // namespace

void add_task_options(CLI::App& subcommand, TaskInput& input) {
    subcommand.add_option("--tasks", input.file, "File with the tasks, in place of stdin")->type_name("FILE");
    auto* null = subcommand.add_flag("-0,--null", input.is_null_separated, "NUL ends a task, not a line end");
    auto* format = subcommand
                       .add_option("--format", input.format,
                                   "Of tasks; all but lines name {fields}; else FILE's name tells")
                       ->type_name("lines|csv|tsv|json")
                       ->check(CLI::IsMember({"auto", "lines", "csv", "tsv", "json"}).description(""))
                       ->excludes(null);
    subcommand
        .add_option("--pipe", input.block_size, "Tasks are blocks of whole lines, for the command's stdin")
        ->type_name("SIZE")
        ->excludes(null)
        ->excludes(format);
}

void require_no_input(const TaskInput& input) {
    const char* given = input.file                ? "--tasks"
                        : input.is_null_separated ? "-0"
                        : input.block_size        ? "--pipe"
                        : input.format != "auto"  ? "--format"
                                                  : nullptr;
    if (given != nullptr)
        throw BadInput(fmt::format(
            "{} is about tasks that are read, and here they stand behind \":::\"; leave one of them out",
            given));
}

std::unique_ptr<TaskReader> open_tasks(const TaskInput& input) {
    const TaskFormat format = format_of(input);
    const std::size_t block_size = block_size_of(input);
    if (!input.file || input.file == "-") {
        if (::isatty(STDIN_FILENO) != 0)
            tell("qmr: reading tasks from this terminal, one a line; Ctrl-D ends them\n");
        return std::make_unique<TaskReader>(TextReader(), format, block_size);
    }
    if (input.file->empty())
        throw BadInput("--tasks: the name of the file is empty; leave the option out for tasks from stdin");
    Descriptor file(::open(input.file->c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0)
        throw BadInput(
            fmt::format("--tasks: cannot open {}: {}", *input.file, std::generic_category().message(errno)));
    return std::make_unique<TaskReader>(TextReader(std::move(file), *input.file), format, block_size);
}

std::string end_of_read_task(const TaskInput& input) {
    return input.is_null_separated || input.block_size ? "" : "\n";
}

}  // namespace qmr::cli
