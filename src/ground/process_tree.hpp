#pragma once
// Processes and what they have started, as proc(5) tells.

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace qmr::detail {

/// Sends SIGKILL to a process and all its descendants, whatever process groups they have made; but for those
/// whose parent has ended before, as daemons do. Does not wait for them.
void kill_tree(pid_t root);

/// Stops a process and sends SIGTERM to all its descendants, so that they can remove what they have made, and
/// nothing else is started meanwhile. Blocks until they have ended, for `time` at most; then the tree is to
/// be killed.
void ask_descendants_to_end(pid_t root, std::chrono::milliseconds time);

/// How long those have that are asked to end.
inline constexpr std::chrono::milliseconds time_to_clean_up{2000};

/// From now on this process becomes the parent of its descendants whose parent ends (prctl(2),
/// PR_SET_CHILD_SUBREAPER), so that none of them gets lost. It has to reap them.
void adopt_orphans() noexcept;

/// The descendants that a process gets from some moment on; to be used by one that adopts orphans, before it
/// forks. Costs a system call where it has no children by then.
class NewDescendants {
  public:
    NewDescendants();

    /// Sends SIGTERM to all of these descendants, so that they can remove what they have made. Blocks until
    /// they have ended, for `time` at most.
    void ask_to_end(std::chrono::milliseconds time) const;

    /// Kills all of these descendants, also those that are forked meanwhile, and reaps the children of this
    /// process among them. Blocks until no descendant is left, but for some seconds at most, since the kernel
    /// may not end a process that waits for a disk. Gives process number and command line of each that is
    /// left: "1234 (cat /x)".
    [[nodiscard]] std::vector<std::string> end() const;

    /// Reaps the adopted ones that have ended, and no child but those; `child`: one of its own.
    void reap_adopted(pid_t child = -1) const;

    /// Process number and command line of each such descendant that runs, as end() gives them.
    [[nodiscard]] std::vector<std::string> list() const;

  private:
    [[nodiscard]] std::vector<pid_t> find() const;

    std::vector<pid_t> others_;
};

}  // namespace qmr::detail
