#pragma once
// What queue jobs ask for, and how much more when that was too little.

#include <chrono>
#include <cstdint>
#include <string>

namespace qmr::detail {

/// What a queue job asks the batch system for.
struct Demand {
    std::uint64_t memory = 0;          ///< bytes for each slot; 0: not asked for
    std::chrono::seconds walltime{0};  ///< 0: not asked for

    friend auto operator<=>(const Demand&, const Demand&) = default;
};

struct DemandRules {
    Demand first;  ///< of a chunk that has not failed
    Demand most;   ///< that is ever asked for; 0: no limit
    double memory_factor = 2;
    double walltime_factor = 2;

    /// More memory than that was; the same where that is all there is. `peak_memory`: that was used, for each
    /// slot, which is where it begins when no memory was asked for; 0: not known.
    [[nodiscard]] Demand with_more_memory(Demand demand, std::uint64_t peak_memory) const;
    /// A longer walltime than that was; the same where that is all there is, or none was asked for.
    [[nodiscard]] Demand with_more_walltime(Demand demand) const;

    /// Whether more of it is never asked for.
    [[nodiscard]] bool is_most_memory(const Demand& demand) const;
    [[nodiscard]] bool is_most_walltime(const Demand& demand) const;

    /// What is asked for beyond `first`: " with 4000 MB of memory"; empty: nothing.
    [[nodiscard]] std::string describe(const Demand& demand) const;
};

}  // namespace qmr::detail
