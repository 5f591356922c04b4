#pragma once

#include "qmr/options.hpp"

namespace qmr::detail {

/// How long to wait before the next look at the queue. While much is happening the waits are short; they grow
/// up to the polling interval when nothing does or looking takes long, and beyond it when looking fails, so
/// that a struggling batch system is left alone.
class PollingPace {
  public:
    explicit PollingPace(Seconds polling_interval) : longest_(polling_interval), wait_(shortest()) {}

    enum class Look { news, no_news, failed };

    /// After a look that took this long, gives the wait before the next one.
    [[nodiscard]] Seconds next(Look look, Seconds took);

  private:
    [[nodiscard]] Seconds shortest() const { return longest_ / 16; }

    Seconds longest_;
    Seconds wait_;
};

}  // namespace qmr::detail
