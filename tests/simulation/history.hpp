#pragma once

#include <cstdint>
#include <string>

#include "simulation/faults.hpp"

namespace qmr::detail::simulation {

struct HistoryOutcome {
    std::string problem;  ///< empty: none
    FaultCounts faults{};
    std::size_t num_passes = 0;
};

/// Plays one to its end. The same seed, the same history.
[[nodiscard]] HistoryOutcome play(std::uint64_t seed, bool is_pulled, bool is_traced = false);

}  // namespace qmr::detail::simulation
