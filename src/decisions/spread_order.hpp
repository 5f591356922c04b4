#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "decisions/pull_order.hpp"

namespace qmr::detail {

/// The way for results that are wanted at the end: a queue job begins with its own part. Then it looks for a
/// large gap, consecutive chunks that nobody has taken, and goes upward from its middle, so that whoever
/// comes from below keeps half of it. Each look halves a gap, and two queue jobs seldom try the same chunk:
/// looks and lost tries are about log2 of the number of chunks for each queue job.
class SpreadOrder final : public PullOrder {
  public:
    SpreadOrder(std::size_t num_chunks, std::vector<std::size_t> own_part, std::uint64_t seed);

    [[nodiscard]] std::optional<std::size_t> next() override;
    /// What next() has given counts as taken as well.
    void look(std::span<const std::size_t> taken) override;
    void lost() override;

  private:
    /// Consecutive chunks that are not known to be taken.
    struct Gap {
        std::size_t begin = 0;
        std::size_t size = 0;
    };
    [[nodiscard]] std::vector<Gap> gaps() const;
    void leave();

    std::vector<bool> is_taken_;  ///< at the last look, or given since
    std::vector<std::size_t> given_;
    std::vector<std::size_t> own_part_;
    std::size_t num_given_ = 0;  ///< of the own part
    std::size_t position_;       ///< next one on the way upward through a gap; the end: on no way
    std::mt19937_64 random_;
};

}  // namespace qmr::detail
