#include "worker/leave_signals.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "adapters/interrupts.hpp"
#include "qmr/task_error.hpp"

namespace qmr::detail {

namespace {

const char* name_of(int signal) {
    switch (signal) {
        case SIGTERM:
            return "SIGTERM";
        case SIGINT:
            return "SIGINT";
        case SIGHUP:
            return "SIGHUP";
        case SIGXCPU:
            return "SIGXCPU";
        case SIGUSR1:
            return "SIGUSR1";
        case SIGUSR2:
            return "SIGUSR2";
        default:
            return "unknown";
    }
}

}  // namespace

int told_to_leave() noexcept {
    // What a map of this process was told before is no concern of a worker.
    return Interrupts::descriptor() < 0 ? 0 : Interrupts::received();
}

std::string describe_leave_signal(int signal) {
    return fmt::format("signal {} ({})", signal, name_of(signal));
}

}  // namespace qmr::detail

namespace qmr {

ProgramKilled::ProgramKilled(int signal)
    : Error(fmt::format("a program was killed by signal {}", signal)), signal_(signal) {}

// Those by which a worker is told to leave, and others that no program gets by its own doing.
bool ProgramKilled::comes_from_outside(int signal) noexcept {
    return signal == SIGKILL || signal == SIGQUIT ||
           std::ranges::find(detail::leave_signals, signal) != detail::leave_signals.end();
}

}  // namespace qmr
