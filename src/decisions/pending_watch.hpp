#pragma once

#include <optional>

#include "qmr/options.hpp"

namespace qmr::detail {

/// Tells when it is time to say why no queue job runs: after a while, then less and less often. A request
/// that can not be met is accepted by some batch systems, and waits for ever.
class PendingWatch {
  public:
    explicit PendingWatch(Seconds patience) : patience_(patience), wait_(patience) {}

    /// `waits`: there are queue jobs, and none of them runs.
    [[nodiscard]] bool is_due(bool waits, Seconds now);

  private:
    Seconds patience_;
    Seconds wait_;
    std::optional<Seconds> next_;
};

}  // namespace qmr::detail
