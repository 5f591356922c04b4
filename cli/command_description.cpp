#include "cli/command_description.hpp"

#include "cli/pool_options_help.hpp"
#include "cli/subcommands.hpp"

namespace qmr::cli {

namespace {

// A subcommand may have an option of its own that is called like one of a pool.
const PoolOption* row_of(const CLI::Option& option) {
    if (option.get_group() != common_options && option.get_group() != other_options) return nullptr;
    for (const auto& group : pool_option_groups())
        for (const PoolOption& row : group.options)
            if (option.check_name(command_line_name(row))) return &row;
    return nullptr;
}

DescribedOption describe(const CLI::Option& option, const CLI::App& command) {
    DescribedOption described;
    for (const std::string& name : option.get_snames()) described.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) described.names.push_back("--" + name);
    if (option.get_items_expected_max() > 0) described.value = option.get_type_name();
    if (described.names.empty()) {
        described.names = {option.get_name(true)};
        if (described.value.find('|') == std::string::npos) described.value = described.names.front();
    }
    described.help = option.get_description();
    described.is_required = option.get_required();
    described.is_list = option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
    described.is_help = &option == command.get_help_ptr() || &option == command.get_help_all_ptr();
    described.row = row_of(option);
    return described;
}

}  // namespace

CommandDescription describe(const CLI::App& app) {
    CommandDescription command;
    command.name = app.get_name();
    command.help = app.get_description();
    command.footer = app.get_footer();
    command.takes_command = takes_command(command.name);
    for (const CLI::Option* option : app.get_options({}))
        (option->nonpositional() ? command.options : command.arguments).push_back(describe(*option, app));
    for (const CLI::App* subcommand : app.get_subcommands({}))
        if (!subcommand->get_group().empty()) command.subcommands.push_back(describe(*subcommand));
    return command;
}

std::string usage(const CommandDescription& command) {
    std::string text = "[OPTIONS]";
    for (const DescribedOption& option : command.options)
        if (option.is_required)
            text += " " + option.names.back() + (option.value.empty() ? "" : " " + option.value);
    for (const DescribedOption& argument : command.arguments) {
        const std::string& name = argument.names.front();
        text += argument.is_required ? " " + name : " [" + name + "]";
    }
    if (command.takes_command) text += std::string(" ") + command_behind_mark;
    if (!command.subcommands.empty()) text += " SUBCOMMAND";
    return text;
}

std::string full_name(const CLI::App& command) {
    const CLI::App* parent = command.get_parent();
    return parent == nullptr ? command.get_name() : full_name(*parent) + " " + command.get_name();
}

}  // namespace qmr::cli
