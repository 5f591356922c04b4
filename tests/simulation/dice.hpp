#pragma once

#include <cstddef>
#include <cstdint>

#include "qmr/options.hpp"

namespace qmr::detail::simulation {

/// The same numbers for the same seed, on each computer and with each compiler.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}

    /// splitmix64, of Steele, Lea and Flood.
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31U);
    }

    [[nodiscard]] double fraction() { return static_cast<double>(next() >> 11U) * 0x1p-53; }
    /// Both included.
    [[nodiscard]] std::size_t pick(std::size_t low, std::size_t high) {
        return low + static_cast<std::size_t>(next() % (high - low + 1));
    }
    [[nodiscard]] bool chance(double probability) { return fraction() < probability; }
    [[nodiscard]] Seconds between(double low, double high) {
        return Seconds{low + (high - low) * fraction()};
    }

  private:
    std::uint64_t state_;
};

}  // namespace qmr::detail::simulation
