#include "adapters/launched_program.hpp"

#include <unistd.h>

#include <array>
#include <climits>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "adapters/executable.hpp"
#include "temporary_directory.hpp"
#include "vocabulary/atomic_file.hpp"
#include "wait_until.hpp"

namespace qmr::test {

namespace {

// Before main(), where a worker would begin to work.
[[gnu::constructor]] void print_what_was_given(int argc, char** argv, char** environment) {
    if (argc < 3 || !std::string_view(argv[2]).ends_with(print_what_you_got)) return;
    std::array<char, PATH_MAX> directory{};
    if (::getcwd(directory.data(), directory.size()) == nullptr) ::_exit(1);
    std::printf("%s%c%d%c", directory.data(), 0, argc - 1, 0);
    for (int i = 1; i < argc; ++i) std::printf("%s%c", argv[i], 0);
    for (; *environment != nullptr; ++environment) std::printf("%s%c", *environment, 0);
    std::fflush(stdout);
    ::_exit(0);
}

std::string take(std::string_view& text) {
    const auto end = text.find('\0');
    const std::string taken(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return taken;
}

}  // namespace

std::vector<std::vector<std::string>> shells() {
    std::vector<std::vector<std::string>> found{{"/bin/sh"}};
    if (::access("/bin/bash", X_OK) == 0) found.push_back({"/bin/bash", "--posix"});
    if (::access("/bin/ksh", X_OK) == 0) found.push_back({"/bin/ksh"});
    if (::access("/bin/busybox", X_OK) == 0) found.push_back({"/bin/busybox", "sh"});
    return found;
}

Launched launch(const std::vector<std::string>& shell, detail::LauncherContent content,
                const std::vector<std::string>& job, const std::vector<std::string>& arguments) {
    const TemporaryDirectory directory;
    content.executable = detail::own_executable();
    content.work_dir += print_what_you_got;
    if (content.current_directory.empty()) content.current_directory = "/";
    detail::write_file(directory / "launcher.sh", detail::launcher_script(content), 0700);

    std::vector<std::string> command{"/usr/bin/env", "-i"};
    command.insert(command.end(), job.begin(), job.end());
    command.insert(command.end(), shell.begin(), shell.end());
    command.push_back((directory / "launcher.sh").native());
    command.insert(command.end(), arguments.begin(), arguments.end());

    Launched launched;
    launched.shell = detail::run_command(command, qmr::test::patience);
    std::string_view left = launched.shell.out;
    if (left.empty()) return launched;
    launched.current_directory = take(left);
    for (int number = std::stoi(take(left)); number > 0; --number) launched.arguments.push_back(take(left));
    while (!left.empty()) {
        const std::string variable = take(left);
        const auto equals = variable.find('=');
        launched.environment[variable.substr(0, equals)] = variable.substr(equals + 1);
    }
    return launched;
}

}  // namespace qmr::test
