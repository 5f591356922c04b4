#pragma once

namespace qmr {

/// To be called first in main(), before threads are started and before the arguments are read.
///
/// On a worker node, where the launcher of a map started this executable again, it runs the chunks of its
/// queue job and ends the process: it does not return. Everywhere else it notes that map() may be called,
/// and returns at once.
///
/// Where the caller has closed stdin, stdout or stderr, they stay of no use, but their numbers are taken: no
/// file that is opened later is mistaken for one of them. What qmr can not tell on stderr is lost, and ends
/// no map.
///
/// Throws nothing. A worker that can not run says why on stderr and ends with an exit code of qmr's own.
void init(int argc, char** argv) noexcept;

}  // namespace qmr
