#pragma once
// Starts and kills the processes of a queue job.

#include <sys/types.h>

#include <string>
#include <vector>

namespace qmr::dummy_queue {

struct ProcessPlan {
    std::vector<std::string> arguments;    ///< [0] is looked up in the PATH of `environment`
    std::vector<std::string> environment;  ///< NAME=VALUE
    std::string working_directory;
    int out = -1;
    int err = -1;
};

struct StartedProcess {
    pid_t pid = 0;
    std::string failure;  ///< why there is none; then pid is 0
    int failed_at = 0;    ///< the step that failed, as Grid Engine counts them
};

/// In a session of its own, stdin from /dev/null, umask 0022, no signal blocked or ignored, and with no
/// other descriptor than these three.
[[nodiscard]] StartedProcess start_process(const ProcessPlan&);

/// Lets this process inherit the orphans among its descendants, so that none of them gets out of sight.
void adopt_orphans();

/// SIGKILL to all that descends from this process, also to those in sessions of their own.
void kill_descendants();

/// This signal to all that descends from this process, some milliseconds after each other.
void signal_descendants(int signal, bool leaves_first);
/// This signal to what was started last of the deepest of them.
void signal_leaf(int signal);

/// There is such a process, and it is not merely waiting to be buried.
[[nodiscard]] bool is_running(pid_t);

/// All descriptors but stdin, stdout and stderr.
void close_the_rest();

}  // namespace qmr::dummy_queue
