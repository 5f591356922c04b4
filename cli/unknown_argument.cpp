#include "cli/unknown_argument.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <vector>

#include "cli/command_description.hpp"
#include "cli/nearest.hpp"
#include "cli/subcommands.hpp"

namespace qmr::cli {

namespace {

bool is_option(std::string_view argument) {
    return argument.size() > 1 && argument.front() == '-';
}

// What is between the dashes and the value.
std::string_view name_of(std::string_view argument) {
    argument.remove_prefix(std::min(argument.find_first_not_of('-'), argument.size()));
    return argument.substr(0, argument.find('='));
}

std::vector<std::string> long_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::Option* option : command.get_options({}))
        names.insert(names.end(), option->get_lnames().begin(), option->get_lnames().end());
    return names;
}

std::vector<std::string> subcommand_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::App* subcommand : command.get_subcommands({})) names.push_back(subcommand->get_name());
    return names;
}

std::string complain(const CLI::App& command, const std::string& argument) {
    if (is_option(argument)) {
        const auto meant = nearest_option(command, argument);
        return fmt::format("unknown option \"{}\"; {}", argument.substr(0, argument.find('=')),
                           meant ? fmt::format("did you mean \"{}\"?", *meant)
                                 : fmt::format("see {} --help-all", full_name(command)));
    }
    // What follows "--" comes back from a subcommand that does not take it.
    const auto chosen = command.get_subcommands();
    const auto known = subcommand_names(command);
    if (chosen.empty() && takes_command(command.get_name()))
        return fmt::format("\"{}\" is one argument too many; the command stands behind --: {} {}", argument,
                           full_name(command), command_behind_mark);
    if (!chosen.empty() || known.empty())
        return fmt::format("\"{}\" is one argument too many; see {} --help", argument,
                           full_name(chosen.empty() ? command : *chosen.front()));
    const std::string meant = did_you_mean(argument, known);
    return fmt::format("unknown subcommand \"{}\"{}", argument,
                       meant.empty() ? fmt::format("; see {} --help", full_name(command)) : meant);
}

}  // namespace

std::optional<std::string> nearest_option(const CLI::App& command, std::string_view argument) {
    const auto meant = nearest(name_of(argument), long_names(command));
    return meant ? std::optional("--" + *meant) : std::nullopt;
}

std::optional<std::string> complain_of_unknown_argument(const CLI::App& app) {
    if (!app.get_allow_extras() && !app.get_prefix_command()) {
        auto unknown = app.remaining();
        std::erase(unknown, "--");
        // The value of an unknown option is unknown as well, and says less.
        const auto option = std::ranges::find_if(unknown, is_option);
        if (option != unknown.end()) return complain(app, *option);
        if (!unknown.empty()) return complain(app, unknown.front());
    }
    for (const CLI::App* subcommand : app.get_subcommands())
        if (auto complaint = complain_of_unknown_argument(*subcommand)) return complaint;
    return std::nullopt;
}

}  // namespace qmr::cli
