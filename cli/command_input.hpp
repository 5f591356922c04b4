#pragma once
// What a command reads.

#include <string_view>

#include "cli/descriptor.hpp"

namespace qmr::cli {

/// The standard input of a command: a pipe with some bytes, or /dev/null when there are none.
///
/// This process keeps the end that the command reads from open as well, so nothing happens to it when the
/// command does not read: no SIGPIPE, no error.
class CommandInput {
  public:
    /// Throws Error when there are no more descriptors. The bytes are referred to.
    explicit CommandInput(std::string_view bytes);

    /// Where the command reads from.
    [[nodiscard]] int source() const noexcept { return source_.get(); }

    /// Becomes writable when more can be fed; -1 when all was.
    [[nodiscard]] int sink() const noexcept { return sink_.get(); }

    /// Writes as much as there is room for. Does not block.
    void feed();

  private:
    std::string_view left_;
    Descriptor source_, sink_;
};

}  // namespace qmr::cli
