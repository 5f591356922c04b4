#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <vector>

namespace qmr::detail {

/// Which chunk a queue job tries to take next, where all queue jobs of a map take chunks from one set. First
/// those of its own part. Then it looks for a large gap, consecutive chunks that nobody has taken, and goes
/// upward from its middle, so that whoever comes from below keeps half of it. Each look halves a gap, and two
/// queue jobs seldom try the same chunk: looks and lost tries are about log2 of the number of chunks for each
/// queue job.
class PullOrder {
  public:
    /// `seed`: another number for each queue job, so that those that look at the same time do not all choose
    /// the same gap.
    PullOrder(std::size_t num_chunks, std::vector<std::size_t> own_part, std::uint64_t seed);

    /// The chunk to take next. None: what is taken has to be looked at; directly after a look: no chunk is
    /// left.
    [[nodiscard]] std::optional<std::size_t> next();

    /// All chunks that are taken, as far as can be seen. What next() has given counts as taken as well, so a
    /// listing that is out of date costs a try and not the end.
    void look(std::span<const std::size_t> taken);

    /// Somebody else has taken what next() gave.
    void lost();

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
