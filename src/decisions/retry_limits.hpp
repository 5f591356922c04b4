#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "ground/cause.hpp"
#include "qmr/options.hpp"

namespace qmr::detail {

/// A value for each cause.
template <class T>
class ByCause {
  public:
    [[nodiscard]] T& operator[](Cause cause) { return values_[static_cast<std::size_t>(cause)]; }
    [[nodiscard]] const T& operator[](Cause cause) const { return values_[static_cast<std::size_t>(cause)]; }

  private:
    std::array<T, all_causes.size()> values_{};
};

/// How often a chunk is tried again for a cause without coming further; none: max_num_resubmissions.
using RetryLimitsByCause = ByCause<std::optional<std::size_t>>;

/// Those of causes that a worker can not deal with by itself.
[[nodiscard]] RetryLimitsByCause limits_of_chunks(const RetryLimits& limits);

}  // namespace qmr::detail
