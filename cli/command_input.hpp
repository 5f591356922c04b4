#pragma once
// What a command reads.

#include <concepts>
#include <functional>
#include <string_view>
#include <utility>

#include "cli/descriptor.hpp"

namespace qmr::cli {

/// Bytes for a command, piece by piece, so that not all of them have to be in memory.
class InputBytes {
  public:
    InputBytes() = default;

    /// These, which are referred to.
    template <std::convertible_to<std::string_view> Bytes>
    explicit(false) InputBytes(const Bytes& bytes) : left_(bytes) {}

    /// What `next` gives, until it gives nothing. A piece stays as it is until `next` is called again.
    explicit InputBytes(std::function<std::string_view()> next) : next_(std::move(next)) {}

    /// Empty: there are no more.
    [[nodiscard]] std::string_view next() { return next_ ? next_() : std::exchange(left_, {}); }

  private:
    std::string_view left_;
    std::function<std::string_view()> next_;
};

/// The standard input of a command: a pipe with some bytes, or /dev/null when there are none.
///
/// This process keeps the end that the command reads from open as well, so nothing happens to it when the
/// command does not read: no SIGPIPE, no error.
class CommandInput {
  public:
    /// Throws Error when there are no more descriptors, and what the source of the bytes throws.
    explicit CommandInput(InputBytes bytes);

    /// Where the command reads from.
    [[nodiscard]] int source() const noexcept { return source_.get(); }

    /// Becomes writable when more can be fed; -1 when all was.
    [[nodiscard]] int sink() const noexcept { return sink_.get(); }

    /// Writes as much as there is room for. Does not block on the pipe. Throws what the source of the bytes
    /// throws.
    void feed();

  private:
    InputBytes bytes_;
    std::string_view left_;  ///< of the piece that is being fed
    Descriptor source_, sink_;
};

}  // namespace qmr::cli
