#pragma once
// A child process that runs a command: its start, its end, and what kills it.

#include <sys/resource.h>
#include <sys/types.h>

#include <string>
#include <vector>

#include "cli/descriptor.hpp"

namespace qmr::cli {

/// A command that runs in a process group of its own, and dies with the process that started it. It inherits
/// the environment, the current directory and the three descriptors it is given, no other descriptor, and
/// nothing of what this process does with signals.
///
/// Whoever destroys one that has not been reaped kills it with its process group, and waits for its end.
class ChildProcess {
  public:
    /// Its standard descriptors, each above 2.
    struct Streams {
        int in, out, err;
    };

    /// Finds argv[0] as execvp(3) does, and starts it. What it costs does not depend on how much memory this
    /// process has. No other thread may be running.
    ChildProcess(const std::vector<std::string>& argv, Streams streams);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// The errno for which it could not be started; 0: it was started.
    [[nodiscard]] int start_error() const noexcept { return start_error_; }

    /// Becomes readable when it has ended; -1 on kernels older than 5.3.
    [[nodiscard]] int descriptor() const noexcept { return pidfd_.get(); }

    /// Whether it has ended. It is not reaped by that, so its process group can still be killed.
    [[nodiscard]] bool has_ended() const;

    /// Sends a signal to its process group.
    void signal_group(int signal) const;

    struct End {
        int exit_code = 0;  ///< -1: this process ignores SIGCHLD, so nobody knows
        int signal = 0;     ///< that ended it; 0: it ended by itself
        rusage used{};
    };

    /// Blocks until it has ended. To be called once.
    [[nodiscard]] End reap();

  private:
    pid_t pid_ = -1;  ///< -1: there is none, or it was reaped
    int start_error_ = 0;
    Descriptor pidfd_;
};

}  // namespace qmr::cli
