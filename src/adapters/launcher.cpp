#include "adapters/launcher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace qmr::detail {

namespace {

// Names that mean something to the shell itself: it refuses them, gives them values of its own, or reads the
// rest of the script differently. /bin/sh may be dash, bash, ksh or others.
bool is_of_shell(std::string_view name) {
    constexpr std::array special{"CDPATH",   "DIRSTACK",        "ENV",        "EPOCHREALTIME", "EPOCHSECONDS",
                                 "EUID",     "FUNCNAME",        "GROUPS",     "IFS",           "LANG",
                                 "LANGUAGE", "LINENO",          "MAIL",       "MAILPATH",      "OLDPWD",
                                 "OPTARG",   "OPTIND",          "PIPESTATUS", "PPID",          "PS4",
                                 "PWD",      "POSIXLY_CORRECT", "RANDOM",     "SECONDS",       "SHELLOPTS",
                                 "SHLVL",    "SRANDOM",         "TMOUT",      "UID",           "_"};
    constexpr std::array<std::string_view, 4> beginnings{"BASH", "COMP_", "HIST", "LC_"};
    return std::ranges::find(special, name) != special.end() ||
           std::ranges::any_of(beginnings,
                               [&](std::string_view beginning) { return name.starts_with(beginning); });
}

bool can_be_exported(std::string_view name) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !name.empty() && !is_digit(name.front()) && !is_of_shell(name) &&
           std::ranges::all_of(name, [&](char c) { return is_letter(c) || is_digit(c); });
}

}  // namespace

std::string shell_quoted(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\'')
            quoted += "'\\''";
        else
            quoted += c;
    }
    return quoted + "'";
}

std::string launcher_script(const LauncherContent& content) {
    std::string script =
        "#!/bin/sh\n# Starts a worker of qmr: the environment of the caller of map(), then its executable.\n";
    std::string by_env;
    for (const std::string& variable : content.environment) {
        const auto equals = variable.find('=');
        const std::string name = variable.substr(0, equals);
        if (can_be_exported(name))
            script += fmt::format("export {}={}\n", name, shell_quoted(variable.substr(equals + 1)));
        else
            by_env += fmt::format(" {}", shell_quoted(variable));
    }
    script += fmt::format("cd {} || exit 3\n", shell_quoted(content.current_directory));
    const std::string index = content.array_index_variable.empty()
                                  ? std::string("\"$2\"")
                                  : fmt::format("\"${{2:-${}}}\"", content.array_index_variable);
    script +=
        fmt::format("exec{}{} {} {} {} \"$1\" {}\n", by_env.empty() ? "" : " /usr/bin/env --", by_env,
                    shell_quoted(content.executable), worker_flag, shell_quoted(content.work_dir), index);
    return script;
}

}  // namespace qmr::detail
