#include "worker/start_again.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

#include "qmr/error.hpp"
#include "worker/leave_signals.hpp"

namespace qmr::detail {

namespace {

// What comes after this waits for the handlers of the new program.
void hold_back_leave_signals() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : leave_signals) ::sigaddset(&set, signal);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

void start_again_without(const std::vector<std::string>& names, std::span<char* const> argv) {
    const auto is_set = [](const std::string& name) { return std::getenv(name.c_str()) != nullptr; };
    if (std::ranges::none_of(names, is_set)) return;
    for (const std::string& name : names) ::unsetenv(name.c_str());
    std::vector<char*> arguments(argv.begin(), argv.end());
    arguments.push_back(nullptr);
    hold_back_leave_signals();
    if (told_to_leave() != 0) return;
    ::execve(arguments.front(), arguments.data(), environ);
    throw Error(fmt::format("cannot start {} again without the variables that are withheld: {}",
                            arguments.front(), std::generic_category().message(errno)));
}

}  // namespace qmr::detail
