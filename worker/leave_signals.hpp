#pragma once
// Signals by which somebody else ends a process: a batch system, an administrator. No task is to blame for
// them.

#include <array>
#include <csignal>
#include <string>

namespace qmr::detail {

/// Those that tell a worker to leave; batch systems send them some time before SIGKILL.
inline constexpr std::array leave_signals{SIGTERM, SIGINT, SIGHUP, SIGXCPU, SIGUSR1, SIGUSR2};

/// The one by which this worker was told to leave; 0: none, as where nobody takes them down (Interrupts).
[[nodiscard]] int told_to_leave() noexcept;

/// "signal 15 (SIGTERM)".
[[nodiscard]] std::string describe_leave_signal(int signal);

}  // namespace qmr::detail
