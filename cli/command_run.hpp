#pragma once
// Runs one external command to its end, and keeps what it prints.

#include <cstdint>
#include <functional>
#include <qmr/options.hpp>
#include <string>
#include <vector>

#include "cli/command_input.hpp"
#include "cli/kept_bytes.hpp"

namespace qmr::cli {

struct CommandLimits {
    /// Longest time that the command may run; 0: no limit. Then its process group gets SIGTERM, and SIGKILL
    /// as soon as the command has ended and its streams are closed, at the latest after `grace`.
    Seconds timeout{0};
    Seconds grace{2};

    /// What the command has left running may still print. Once the command has ended, its streams are read on
    /// until nothing came for so long, and at most for so long in all.
    Seconds quiet{2};
    Seconds late{60};

    /// For how long it is tried again to start the command where processes, memory or descriptors are used
    /// up, or somebody still writes to its file.
    Seconds patience{5};

    KeptWhere kept;  ///< each stream

    /// Asked about once a second while the command runs, when given. True: the command is ended as after the
    /// timeout.
    std::function<bool()> is_to_stop;
};

/// How a command ended.
struct CommandEnd {
    enum class Kind {
        exited,
        killed_by_signal,
        timed_out,
        stopped,      ///< because of is_to_stop
        not_started,  ///< there is no such program, it may not be executed, its arguments are too long, ...
    };
    Kind kind = Kind::exited;
    int exit_code = 0;  ///< -1: not known, since this process ignores SIGCHLD
    int signal = 0;     ///< that ended it; 0: it ended by itself
    Seconds seconds{0};

    /// Most memory that it, or a process it has waited for, had resident, in bytes. Linux passes on what this
    /// process needed at most until then: the larger of the two is seen.
    std::uint64_t peak_memory = 0;

    bool is_cut_off = false;  ///< a stream was still open when it was read no more

    std::string why_not_started;  ///< "cannot start X: No such file or directory"
    bool is_fault_of_worker =
        false;  ///< it was not started for want of memory, processes, a file server, ...
    Printed out;
    Printed err;
};

/// Runs argv, without a shell, from a process without threads; argv[0] is found in $PATH, or from the current
/// directory if it has a slash. The command reads `in`, or /dev/null when there is nothing to read. It has a
/// process group of its own, the default disposition of all signals, no descriptor but its three streams, and
/// is killed when this process dies.
///
/// Blocks until the command has ended, and what it leaves running in the background has closed its streams or
/// prints no more. That goes on, unless the command was timed out or stopped; then its process group is
/// killed.
///
/// Throws Error that names the file when what is printed can not be kept; the command and its process group
/// have been killed then, and the files removed. Throws BadInput when argv is empty or has an argument with a
/// NUL byte, and lets pass what `in`, file_for and is_to_stop throw.
[[nodiscard]] CommandEnd run_command(const std::vector<std::string>& argv, InputBytes in,
                                     const CommandLimits& limits);

}  // namespace qmr::cli
