#include "adapters/launcher.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace qmr::detail {

namespace {

bool matches(const std::string& name, std::string_view pattern) {
    return ::fnmatch(std::string(pattern).c_str(), name.c_str(), 0) == 0;
}

// Names that sh can not export, or that mean something to the shell itself: it would refuse them, or read the
// rest of the script differently.
bool is_plain_name(std::string_view name) {
    constexpr std::array special{"BASHOPTS", "BASHPID",  "BASH_VERSINFO", "CDPATH", "ENV",    "EUID",   "FUNCNAME",
                                 "GROUPS",   "IFS",      "LINENO",        "MAIL",   "MAILPATH", "OPTARG", "OPTIND",
                                 "PPID",     "PS4",      "SHELLOPTS",     "UID",    "BASH_ENV", "POSIXLY_CORRECT"};
    const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    if (name.empty() || !is_letter(name.front())) return false;
    if (std::ranges::find(special, name) != special.end()) return false;
    return std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

// What `cd` and the start of a shell change: exported last.
bool is_changed_by_shell(std::string_view name) {
    constexpr std::array changed{"PWD", "OLDPWD", "SHLVL", "_"};
    return std::ranges::find(changed, name) != changed.end();
}

}  // namespace

std::vector<std::string> filtered_environment(const char* const* environment, const EnvironmentFilter& filter) {
    std::vector<std::string> kept;
    for (; *environment != nullptr; ++environment) {
        const std::string variable = *environment;
        const auto equals = variable.find('=', 1);
        if (equals == std::string::npos) continue;
        const std::string name = variable.substr(0, equals);
        const auto fits = [&](std::string_view pattern) { return matches(name, pattern); };
        if (std::ranges::any_of(filter.exported, fits) && std::ranges::none_of(filter.withheld, fits) &&
            std::ranges::none_of(filter.own_variables, fits))
            kept.push_back(variable);
    }
    return kept;
}

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
    std::string script = "#!/bin/sh\n# Starts a worker of qmr: the environment of the caller of map(), then its executable.\n";
    std::string by_env;
    std::string last;
    for (const std::string& variable : content.environment) {
        const auto equals = variable.find('=', 1);
        const std::string name = variable.substr(0, equals);
        if (is_plain_name(name))
            (is_changed_by_shell(name) ? last : script) +=
                fmt::format("export {}={}\n", name, shell_quoted(variable.substr(equals + 1)));
        else
            by_env += fmt::format(" {}", shell_quoted(variable));
    }
    script += fmt::format("cd {} || exit 3\n{}", shell_quoted(content.current_directory), last);
    const std::string index = content.array_index_variable.empty()
                                  ? std::string("\"$2\"")
                                  : fmt::format("\"${{2:-${}}}\"", content.array_index_variable);
    script += fmt::format("exec{}{} {} {} {} \"$1\" {}\n", by_env.empty() ? "" : " /usr/bin/env", by_env,
                          shell_quoted(content.executable), worker_flag, shell_quoted(content.work_dir), index);
    return script;
}

}  // namespace qmr::detail
