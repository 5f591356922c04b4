#include "cli/zsh_completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/algorithm/string/replace.hpp>
#include <string_view>

namespace qmr::cli {

namespace {

using boost::algorithm::replace_all_copy;

constexpr auto zsh_introduction = R"(#compdef qmr
# Completion of qmr for zsh; printed by: qmr completion zsh

_qmr_work_dirs() {
    _path_files -g '.qmr_*(D/)' || _path_files -/
}
)";

constexpr auto end = R"(
if [[ ${funcstack[1]} == _qmr ]]; then
    _qmr "$@"
else
    compdef _qmr qmr
fi
)";

std::string in_quotes(std::string_view word) {
    return fmt::format("'{}'", replace_all_copy(std::string(word), "'", R"('\'')"));
}

// Inside a specification for _arguments or _describe.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char letter : text) {
        if (std::string_view(R"(\[]:)").find(letter) != std::string_view::npos) result += '\\';
        result += letter;
    }
    return result;
}

std::string action(const DescribedOption& option) {
    if (option.value == "FILE" || option.value == "PATH") return "_files";
    if (option.value == "DIR") return "_files -/";
    if (option.value == "WORK_DIR") return "_qmr_work_dirs";
    if (option.value.find('|') != std::string::npos)
        return fmt::format("({})", replace_all_copy(option.value, "|", " "));
    return " ";  // to be told, not completed
}

// What is told while a value is completed.
std::string_view message(const DescribedOption& option) {
    return option.value.find('|') == std::string::npos ? std::string_view(option.value) : "one of";
}

// A name of an option is not offered again, nor are its others.
std::string specification(const DescribedOption& option, const std::string& name) {
    const std::string before = option.is_list ? "*" : fmt::format("({})", fmt::join(option.names, " "));
    const std::string help = escaped(option.help);
    if (option.value.empty()) return in_quotes(fmt::format("{}{}[{}]", before, name, help));
    const char* mark = name.starts_with("--") ? "=" : "";
    return in_quotes(
        fmt::format("{}{}{}[{}]:{}:{}", before, name, mark, help, message(option), action(option)));
}

std::vector<std::string> specifications(const CommandDescription& command) {
    std::vector<std::string> all;
    for (const auto& option : command.options)
        for (const std::string& name : option.names) all.push_back(specification(option, name));
    for (const auto& argument : command.arguments)
        all.push_back(in_quotes(
            fmt::format("{}:{}:{}", argument.is_required ? "" : ":", message(argument), action(argument))));
    return all;
}

std::string arguments(const CommandDescription& command, std::string_view margin) {
    std::string text;
    for (const std::string& one : specifications(command)) text += fmt::format(" \\\n{}    {}", margin, one);
    return text;
}

std::string subcommands_function(const CommandDescription& command) {
    std::string rows;
    for (const auto& subcommand : command.subcommands)
        rows += fmt::format("        {}\n", in_quotes(subcommand.name + ":" + escaped(subcommand.help)));
    return fmt::format(
        "\n_qmr_subcommands() {{\n    local -a subcommands=(\n{}    )\n"
        "    _describe -t commands subcommand subcommands\n}}\n",
        rows);
}

std::string main_function(const CommandDescription& command) {
    std::vector<std::string> with_command;
    std::string cases;
    for (const auto& subcommand : command.subcommands) {
        if (subcommand.takes_command) with_command.push_back(subcommand.name);
        cases += fmt::format("        {})\n            _arguments{}\n            ;;\n", subcommand.name,
                             arguments(subcommand, "            "));
    }
    return fmt::format(
        R"(
_qmr() {{
    local curcontext=$curcontext state line
    local -A opt_args
    local -i mark=${{words[(ie)--]}}
    if [[ ${{words[2]}} == ({}) ]] && ((mark < CURRENT)); then
        shift $mark words
        ((CURRENT -= mark))
        _normal
        return
    fi
    _arguments -C{} \
        '1: :_qmr_subcommands' \
        '*:: :->rest' && return
    [[ $state == rest ]] || return
    case ${{words[1]}} in
{}    esac
}}
)",
        fmt::join(with_command, "|"), arguments(command, "    "), cases);
}

}  // namespace

std::string zsh_completion(const CommandDescription& command) {
    return zsh_introduction + subcommands_function(command) + main_function(command) + end;
}

}  // namespace qmr::cli
