#pragma once
// What the command prints on stdout, and tells on stderr: the one place that writes to them.

#include <fmt/format.h>

#include <qmr/error.hpp>
#include <string_view>
#include <utility>

namespace qmr::cli {

/// The process that read our output has closed the pipe.
class ReaderGone : public Error {
  public:
    using Error::Error;
};

/// Writes to a descriptor. Blocks until all is written, also where somebody has made it non-blocking. Throws
/// ReaderGone; Error. SIGPIPE and SIGXFSZ must be ignored.
void write_all(int to, std::string_view bytes);

/// The same to stdout.
void print_bytes(std::string_view bytes);

/// The same, formatted.
template <class... Values>
void print_out(fmt::format_string<Values...> text, Values&&... values) {
    print_bytes(fmt::format(text, std::forward<Values>(values)...));
}

/// A file server may tell only when a file is closed that it has no room for it. Throws Error.
void check_stdout();

/// Writes to stderr. What can not be written is lost, and ends nothing.
void tell_bytes(std::string_view bytes) noexcept;

/// The same, formatted.
template <class... Values>
void tell(fmt::format_string<Values...> text, Values&&... values) {
    tell_bytes(fmt::format(text, std::forward<Values>(values)...));
}

}  // namespace qmr::cli
