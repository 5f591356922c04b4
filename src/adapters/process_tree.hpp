#pragma once

#include <sys/types.h>

namespace qmr::detail {

/// Sends SIGKILL to a process and all its descendants, whatever process groups they have made; but for those
/// whose parent has ended before, as daemons do. Does not wait for them.
void kill_tree(pid_t root);

}  // namespace qmr::detail
