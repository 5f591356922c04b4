#pragma once

#include <cstddef>

#include "qmr/options.hpp"

namespace qmr::detail {

/// How many workers this machine has room for, of those that are allowed. One that processes, memory or
/// descriptors were not enough for would hold, while it waits, what another one waits for; so fewer run from
/// then on, down to one, and a further one is tried when all has gone well for a while.
class Room {
  public:
    /// After a lack, before a further worker is tried.
    static constexpr Seconds before_one_more{30};

    explicit Room(std::size_t most) : most_(most), limit_(most) {}

    /// A worker ended, or could not be started, for want of something. `num_left`: those that still run.
    void lacked(std::size_t num_left, Seconds now);

    [[nodiscard]] bool has_place(std::size_t num_running, Seconds now);

  private:
    std::size_t most_;
    std::size_t limit_;
    Seconds last_change_{0};
};

}  // namespace qmr::detail
