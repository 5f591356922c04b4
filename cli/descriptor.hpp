#pragma once
// File descriptors that close themselves.

#include <utility>

namespace qmr::cli {

/// Owns a file descriptor; -1: none.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int descriptor) noexcept : descriptor_(descriptor) {}
    Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~Descriptor() { reset(); }

    [[nodiscard]] int get() const noexcept { return descriptor_; }

    /// Closes it. False, with errno, when the last that was written may be lost.
    bool reset() noexcept;

  private:
    int descriptor_ = -1;
};

/// What open(2) and its like gave, moved above 2, for that is where a child puts its own. -1, with errno,
/// when that can not be done.
[[nodiscard]] Descriptor above_standard(int descriptor);

/// A pipe(2); its ends are above 2 and are not inherited.
struct Pipe {
    Descriptor source;  ///< where to read
    Descriptor sink;    ///< where to write

    /// Throws Error when there are no more descriptors.
    Pipe();
};

/// Blocks until a descriptor is ready for POLLIN or POLLOUT, or can not be; for those that somebody has made
/// non-blocking. False, with errno, when that can not be waited for.
[[nodiscard]] bool wait_until_ready(int descriptor, short events) noexcept;

/// Reading or writing fails with EAGAIN instead of blocking.
void make_non_blocking(const Descriptor& descriptor);

}  // namespace qmr::cli
