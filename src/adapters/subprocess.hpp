#pragma once
// Other programs: argv lists, never a shell. Nothing of this process is inherited but the three standard
// descriptors, and starting one costs the same however much memory this process holds.

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "qmr/error.hpp"
#include "vocabulary/atomic_file.hpp"

namespace qmr::detail {

struct ExitStatus {
    int exit_code = 0;  ///< valid when signal is 0
    int signal = 0;     ///< that ended it; 0: it ended by itself
};

/// "exit code 3", "killed by signal 11 (Segmentation fault)".
[[nodiscard]] std::string describe(const ExitStatus& status);

/// Whether errno tells of something that others may give back: processes, memory, descriptors.
[[nodiscard]] bool is_lack(int error) noexcept;

/// What wait(2) gave.
[[nodiscard]] ExitStatus to_status(int raw);

/// Becomes readable when a child of this process has ended; none on kernels older than 5.3.
[[nodiscard]] Descriptor watch_child(pid_t pid);

/// Who has none of those looks again after so many milliseconds.
inline constexpr int milliseconds_between_looks = 20;

/// Whether this process ignores a signal, and so do programs that it starts.
[[nodiscard]] bool is_ignored(int signal) noexcept;

/// For poll(2): from 0 to an hour.
[[nodiscard]] int milliseconds_until(std::chrono::steady_clock::time_point deadline);

/// A program could not be started.
class StartFailure : public Error {
  public:
    StartFailure(const std::string& message, int error) : Error(message), error_(error) {}
    [[nodiscard]] int error() const noexcept { return error_; }  ///< errno

  private:
    int error_;
};

/// A running program, in a session and process group of its own, so that it has no terminal: what asks there
/// for a password fails at once, and is not stopped for ever (setsid(2)). When the handle is destroyed first,
/// the program goes on; when this process dies, it is killed: a qsub that lives longer would submit what
/// nobody waits for.
class Process {
  public:
    /// What a program gets when this process dies.
    enum class AtDeath {
        kill,
        ask_to_end,  ///< SIGTERM, for one that has others to end first; SIGKILL where it would ignore that
    };

    /// Its standard descriptors; -1: /dev/null. Not owned.
    struct Streams {
        int out = -1;
        int err = -1;
    };

    /// Starts argv[0], an absolute path. Throws StartFailure that names it when it can not be started.
    Process(const std::vector<std::string>& argv, Streams streams,
            const std::vector<std::string>* environment = nullptr, AtDeath at_death = AtDeath::kill);

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

    /// Becomes readable when the program has ended; -1 on kernels older than 5.3.
    [[nodiscard]] int descriptor() const noexcept { return pidfd_.get(); }

    /// How it ended. None: it still runs. Does not block.
    [[nodiscard]] std::optional<ExitStatus> ended();

    /// Blocks until it has ended.
    ExitStatus wait();

    /// Sends SIGKILL to its process group.
    void kill() const;

  private:
    pid_t pid_ = -1;
    Descriptor pidfd_;
    std::optional<ExitStatus> status_;
};

struct CommandResult {
    bool timed_out = false;  ///< killed by the time limit
    bool cut_short = false;  ///< killed because it was cancelled
    ExitStatus status;
    std::string out;
    std::string err;
    std::chrono::duration<double> took{0};
};

/// Runs a program to its end with empty standard input, and takes in all it prints. After `time_limit`, or as
/// soon as the descriptor `cancel` is readable, it is killed with all of its process group. Its environment
/// is that of this process, unless `NAME=value` strings are given. Throws Error that names it when it can not
/// be started.
[[nodiscard]] CommandResult run_command(const std::vector<std::string>& argv,
                                        std::chrono::duration<double> time_limit, int cancel = -1,
                                        const std::vector<std::string>* environment = nullptr);

/// The last line of a text that says something, without white space around it: where a program that failed
/// tells why.
[[nodiscard]] std::string last_line(const std::string& text);

/// Absolute path of a program: a name is looked for in $PATH, a path is taken as it is. None: not there, or
/// not executable.
[[nodiscard]] std::optional<std::string> find_program(const std::string& name);

}  // namespace qmr::detail
