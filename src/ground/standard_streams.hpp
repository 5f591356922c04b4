#pragma once
// Descriptors 0, 1 and 2, which are those of the program and of its caller, and never those of a file of
// ours.

#include <string_view>

namespace qmr::detail {

/// Where the caller has closed stdin, stdout or stderr, opens something in its place that can not be used:
/// to read from this stdin, or to write to this stdout or stderr, fails with EBADF as before, and no file
/// that is opened later gets the number.
void occupy_standard_streams() noexcept;

/// Writes to stderr; the one place of the library that does. Blocks while there is no room. What can not be
/// written is lost and ends nothing: no exception, no SIGPIPE, no SIGXFSZ.
void tell_on_stderr(std::string_view text) noexcept;

}  // namespace qmr::detail
