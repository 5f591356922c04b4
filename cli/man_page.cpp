#include "cli/man_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/algorithm/string/replace.hpp>
#include <span>
#include <utility>

#include "cli/pool_options_help.hpp"
#include "cli/roff.hpp"
#include "cli/subcommands.hpp"

namespace qmr::cli {

namespace {

using Item = std::pair<std::string_view, std::string_view>;

// Paragraphs have an empty line between.
constexpr std::string_view description =
    R"(qmr map runs a command for each task, through the queue of a batch system (Grid Engine, Slurm) or on the
cores of this machine.

A task is a line of the standard input, or of a file; what NUL ends; an argument behind ":::"; a record of a
CSV or TSV file, whose first line names the fields; or a line of a file of JSON objects.

In the arguments of the command, {} is the task and {name} a field of it, anywhere and as often as wanted.
Without any such place the task becomes the last argument. What looks like the name of a field and is none is
refused; other braces, as in {print $1}, and ${name} are text. {{name}} stands for the text {name}. There is no
shell in between, so nothing in a task can do harm.

What the commands print on stdout comes out in the order of the tasks, as soon as those before are done; what
they print on stderr comes out on stderr. A command that does not exit with 0 is a failed task. It is told at
the end, and the others go on.

All that there is of a map is in one directory, the work_dir, that this host and those of the queue have to
see under the same path. With it, other commands look at the map or go on with it. They take the newest .qmr_*
in the current directory, or in $QMR_WORK_ROOT, where no work_dir is given.)";

constexpr std::pair<ExitCode, std::string_view> exit_codes[] = {
    {all_well, "All is well: each task has its result."},
    {tasks_failed, "Some tasks have no result."},
    {bad_input, "Bad input: nothing was submitted."},
    {queue_failed, "The batch system refused the queue jobs, or something else went wrong on the way."},
};

constexpr std::string_view signals =
    "Ctrl-C and SIGTERM end qmr by that signal. Its queue jobs are deleted, what is done is kept, and the "
    "line to go on with is told. A second one ends it at once.";

constexpr Item files_of_user[] = {
    {"~/.config/qmr.json",
     "Options of a pool by their keys, and profiles of them, as JSON in which comments are allowed. With "
     "$XDG_CONFIG_HOME it is $XDG_CONFIG_HOME/qmr.json."},
    {"./qmr.json",
     "The same for one directory, and stronger. It may name programs that are run, so it has to be of "
     "somebody whom you trust."},
    {"./.qmr_*",
     "Work_dirs. Each is removed at the end of its map, unless a task failed or wrote to stderr."},
};

constexpr Item variables_of_user[] = {
    {"QMR_CONFIG, QMR_PROFILE", "As --config and --profile."},
    {"QMR_...",
     "Options of a pool, under the names that are told with them. Units of time are not known here, "
     "and the elements of a list have spaces between."},
    {"XDG_CONFIG_HOME", "Where the config file is, in place of ~/.config."},
};

constexpr Item examples[] = {
    {"A command for each of 100 seeds; its output in their order:",
     "seq 100 | qmr map -- ./simulate --seed {} > energies"},
    {"For each record of a file, with the resources that it takes:",
     "qmr map --tasks runs.csv --memory 4G --walltime 2h -- ./reconstruct {run} {year}"},
    {"For each file, on the cores of this machine:", "qmr map --batch-system local -- gzip -k ::: *.log"},
    {"A big input, cut into pieces of whole lines:", "qmr map --pipe 10M --tasks access.log -- wc -l"},
    {"After the power came back:", "qmr resume .qmr_20261121T014752-5b6eaa16 > energies"},
};

std::string section(std::string_view name) {
    return fmt::format(".SH {}\n", roff(name));
}

std::string paragraphs(std::string_view text) {
    return fmt::format(".PP\n{}\n", boost::algorithm::replace_all_copy(roff(text), "\n\n", "\n.PP\n"));
}

// Lines as they are, behind a margin.
std::string lines(std::string_view text) {
    return fmt::format(".PP\n.RS 4\n.nf\n{}\n.fi\n.RE\n", roff(text));
}

// `tag` is roff already.
std::string item(std::string_view tag, std::string_view text) {
    return fmt::format(".TP\n{}\n{}\n", tag, roff(text));
}

std::string items(std::span<const Item> list) {
    std::string text;
    for (const auto& [tag, what] : list) text += item(bold(tag), what);
    return text;
}

std::string tag_of(const DescribedOption& option) {
    std::string tag;
    for (const std::string& name : option.names) tag += (tag.empty() ? "" : ", ") + bold(name);
    if (!option.value.empty() && option.value != option.names.front()) tag += " " + italic(option.value);
    return tag;
}

std::string synopsis(const CommandDescription& command, const CommandDescription& subcommand) {
    return fmt::format("{} {}", bold(command.name + " " + subcommand.name), roff(usage(subcommand)));
}

// Those of each subcommand are alike, so they are told once.
std::string about_pool_options(const CommandDescription& subcommand) {
    std::vector<std::string> missing;
    bool has_any = false;
    for (const auto& group : pool_option_groups()) {
        for (const PoolOption& row : group.options) {
            const auto is_it = [&](const DescribedOption& option) { return option.row == &row; };
            if (std::ranges::any_of(subcommand.options, is_it))
                has_any = true;
            else
                missing.push_back(command_line_name(row));
        }
    }
    if (!has_any) return {};
    return paragraphs(missing.empty()
                          ? "And all OPTIONS OF A POOL."
                          : fmt::format("And the OPTIONS OF A POOL but {}.", fmt::join(missing, ", ")));
}

std::string about(const CommandDescription& command, const CommandDescription& subcommand) {
    std::string text =
        fmt::format(".SS {}\n{}\n", synopsis(command, subcommand), roff(subcommand.help + "."));
    for (const DescribedOption& argument : subcommand.arguments)
        text += item(tag_of(argument), argument.help);
    for (const DescribedOption& option : subcommand.options)
        if (!option.is_help && option.row == nullptr) text += item(tag_of(option), option.help);
    text += about_pool_options(subcommand);
    const std::size_t end = subcommand.footer.find_last_not_of('\n');
    return end == std::string::npos ? text : text + lines(subcommand.footer.substr(0, end + 1));
}

std::string about(const PoolOption& row, const DescribedOption& option) {
    return item(tag_of(option), fmt::format("{}. Default: {}. Key: \"{}\". Variable: ${}.", row.help,
                                            row.default_value.empty() ? "none" : row.default_value, row.key,
                                            environment_variable(row)));
}

const DescribedOption* find(const CommandDescription& command, const PoolOption& row) {
    for (const CommandDescription& subcommand : command.subcommands)
        for (const DescribedOption& option : subcommand.options)
            if (option.row == &row) return &option;
    return nullptr;
}

std::string about_pool(const CommandDescription& command) {
    std::string text = paragraphs(std::string("How tasks get through the queue. ") + pool_option_notes);
    for (const auto& group : pool_option_groups()) {
        text += fmt::format(".SS {}\n", roff(group.name));
        for (const PoolOption& row : group.options)
            if (const DescribedOption* option = find(command, row)) text += about(row, *option);
    }
    return text;
}

}  // namespace

std::string man_page(const CommandDescription& command, std::string_view version) {
    std::string text =
        fmt::format(".TH QMR 1 \"\" \"qmr {}\" \"User Commands\"\n.nh\n.ad l\n.ss 12 0\n", roff(version));
    text += section("NAME") + roff("qmr - map a command over tasks through a batch queue") + "\n";
    text += section("SYNOPSIS") + ".nf\n";
    for (const auto& subcommand : command.subcommands) text += synopsis(command, subcommand) + "\n";
    text += ".fi\n" + section("DESCRIPTION") + paragraphs(description);
    text += section("COMMANDS");
    for (const auto& subcommand : command.subcommands) text += about(command, subcommand);
    text += section("OPTIONS");
    for (const auto& option : command.options) text += item(tag_of(option), option.help);
    text += section("OPTIONS OF A POOL") + about_pool(command);
    text += section("EXIT STATUS");
    for (const auto& [code, what] : exit_codes) text += item(bold(std::to_string(code)), what);
    text += paragraphs(signals);
    text += section("FILES") + items(files_of_user);
    text += section("ENVIRONMENT") + items(variables_of_user);
    text += section("EXAMPLES");
    for (const auto& [what, example] : examples) text += paragraphs(what) + lines(example);
    return text;
}

}  // namespace qmr::cli
