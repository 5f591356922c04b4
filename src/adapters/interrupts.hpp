#pragma once

namespace qmr::detail {

/// While one of these lives, SIGINT, SIGTERM and SIGHUP do not end the process but are taken down, so that
/// queue jobs can be deleted first. Signals that the program ignores stay ignored. Several may live at a
/// time.
class Interrupts {
  public:
    Interrupts();
    ~Interrupts();
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;

    /// The signal that came; 0: none.
    [[nodiscard]] static int received() noexcept;

    /// Readable when one came, for poll(2).
    [[nodiscard]] static int descriptor() noexcept;
};

}  // namespace qmr::detail
