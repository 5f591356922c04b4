#include "cli/bash_completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace qmr::cli {

namespace {

constexpr auto bash_introduction = R"(# Completion of qmr for bash; printed by: qmr completion bash
)";

constexpr auto functions = R"(
# Completes a word with one of the words that are given.
_qmr_reply() {
    local IFS=$' \t\n'
    COMPREPLY=($(compgen -W "$1" -- "$current"))
}

# Completes what stands behind "--": a command that begins at this place, and its arguments.
_qmr_complete_command() {
    if declare -F _command_offset >/dev/null; then
        _command_offset "$1"
        return
    fi
    compopt -o bashdefault -o default 2>/dev/null
    if ((COMP_CWORD == $1)); then mapfile -t COMPREPLY < <(compgen -c -- "$current"); fi
}

# Completes a work_dir; other directories lead to some.
_qmr_complete_work_dir() {
    local begin=$current
    if [[ ${begin##*/} == ?(.) ]]; then begin=${begin%.}.qmr_; fi
    mapfile -t COMPREPLY < <(compgen -d -- "$begin")
    compopt -o filenames -o dirnames 2>/dev/null
}

_qmr() {
    local current=${COMP_WORDS[COMP_CWORD]} subcommand= option= value= words= word i
    local -i num_arguments=0
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; ++i)); do
        word=${COMP_WORDS[i]}
        if [[ -n $option ]]; then
            # Bash cuts --option=value into three words.
            if [[ $word != = ]]; then option=; fi
        elif [[ $word == -* ]]; then
            _qmr_value "$subcommand" "$word"
            if [[ $value == COMMAND ]]; then
                _qmr_complete_command $((i + 1))
                return
            fi
            if [[ -n $value ]]; then option=$word; fi
        elif [[ -z $subcommand ]]; then
            subcommand=$word
        else
            num_arguments+=1
        fi
    done
    if [[ -n $option ]]; then
        if [[ $current == = ]]; then current=; fi
        _qmr_value "$subcommand" "$option"
    elif [[ $current == -* ]]; then
        value=
    else
        _qmr_value "$subcommand" "$num_arguments"
    fi
    case $value in
        '')
            _qmr_options "$subcommand"
            _qmr_reply "$words"
            ;;
        FILE | PATH) compopt -o default 2>/dev/null ;;
        DIR) compopt -o dirnames 2>/dev/null ;;
        WORK_DIR) _qmr_complete_work_dir ;;
        *[[:lower:]]*) _qmr_reply "$value" ;;
    esac
}

complete -F _qmr qmr
)";

std::string words_of(std::string value) {
    std::ranges::replace(value, '|', ' ');
    return value;
}

std::vector<std::string> option_names(const CommandDescription& command) {
    std::vector<std::string> names;
    for (const auto& option : command.options)
        names.insert(names.end(), option.names.begin(), option.names.end());
    if (command.takes_command) names.emplace_back("--");
    return names;
}

std::string options_function(const CommandDescription& command) {
    const auto row = [](std::string_view subcommand, const CommandDescription& described) {
        return fmt::format("        '{}') words='{}' ;;\n", subcommand,
                           fmt::join(option_names(described), " "));
    };
    std::string rows = row("", command);
    for (const auto& subcommand : command.subcommands) rows += row(subcommand.name, subcommand);
    return fmt::format(
        "\n# Sets `words` to the options of a subcommand.\n"
        "_qmr_options() {{\n    case $1 in\n{}    esac\n}}\n",
        rows);
}

std::string values_of(std::string_view subcommand, const CommandDescription& command) {
    const auto row = [&](const std::string& what, const std::string& value) {
        return fmt::format("        '{} {}') value='{}' ;;\n", subcommand, what, words_of(value));
    };
    std::string rows;
    for (const auto& option : command.options)
        if (!option.value.empty())
            for (const std::string& name : option.names) rows += row(name, option.value);
    for (std::size_t i = 0; i < command.arguments.size(); ++i)
        rows += row(std::to_string(i), command.arguments[i].value);
    if (command.takes_command) rows += row("--", "COMMAND");
    return rows;
}

std::string values_function(const CommandDescription& command) {
    std::vector<std::string> names;
    for (const auto& subcommand : command.subcommands) names.push_back(subcommand.name);
    std::string rows =
        values_of("", command) + fmt::format("        ' 0') value='{}' ;;\n", fmt::join(names, " "));
    for (const auto& subcommand : command.subcommands) rows += values_of(subcommand.name, subcommand);
    return fmt::format(
        "\n# Sets `value` to what is to be written behind an option of a subcommand, or as its argument of\n"
        "# this number: words to choose from, or FILE, DIR and the like. Empty: nothing.\n"
        "_qmr_value() {{\n    value=\n    case \"$1 $2\" in\n{}    esac\n}}\n",
        rows);
}

}  // namespace

std::string bash_completion(const CommandDescription& command) {
    return bash_introduction + options_function(command) + values_function(command) + functions;
}

}  // namespace qmr::cli
