#pragma once

#include <array>
#include <csignal>
#include <span>

namespace qmr::detail {

/// By these a program is asked to end.
inline constexpr std::array end_signals{SIGINT, SIGTERM, SIGHUP};

/// While one of these lives, some signals do not end the process but are taken down, so that there is time
/// to leave in good order; but for a second SIGINT, which means what it meant before. Signals that the
/// program ignores stay ignored. Several may live at a time, in one thread or in several; the first one
/// decides which signals.
class Interrupts {
  public:
    /// What becomes of a signal that came, when the last one of these ends.
    enum class AtEnd {
        forget,  ///< nothing
        raise,   ///< it comes once more, and means what it meant before
    };

    explicit Interrupts(std::span<const int> signals = end_signals, AtEnd at_end = AtEnd::forget);

    /// With AtEnd::raise, after a signal: blocks until those of all other threads have ended as well and the
    /// signal was raised, since it may end the process while they leave; for some minutes at most, since
    /// another thread may wait for this one. Where an outer one lives in this thread, that one does it.
    ~Interrupts();
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;

    /// The signal that came; 0: none.
    [[nodiscard]] static int received() noexcept;

    /// Readable when one came, for poll(2); -1: nothing is taken down.
    [[nodiscard]] static int descriptor() noexcept;

    /// For a child that this process has forked and that goes on: signals mean what they meant before.
    static void undo_in_child() noexcept;

    /// Holds all signals back while it lives, so that one which comes between fork(2) and undo_in_child()
    /// is the child's.
    class HeldBack {
      public:
        HeldBack();
        ~HeldBack();
        HeldBack(const HeldBack&) = delete;
        HeldBack& operator=(const HeldBack&) = delete;

      private:
        sigset_t before_{};
    };

  private:
    AtEnd at_end_;
};

}  // namespace qmr::detail
