#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "decisions/pull_order.hpp"

namespace qmr::detail {

/// The way for results that are handed out in order while the map goes on: after its own part a queue job
/// takes the lowest chunk that nobody has taken. Where that try is lost, it draws from the two lowest of
/// those that are left, then from four, and so on, so that queue jobs that want the same chunk at the same
/// time are soon apart. With J of them, n chunks, and listings that do not show up to U of the chunks that
/// were taken last, at most about (n + J) (1 + log2(J + U)) + J U tries are lost in all; the last term is for
/// the end, where each tries each of those U once.
///
/// A listing costs more the longer it is, so it is good for a number of tries in proportion. In between, what
/// lies below a lost try counts as taken; about J chunks are taken out of order by that, until the next look.
class AscendingOrder final : public PullOrder {
  public:
    AscendingOrder(std::size_t num_chunks, std::vector<std::size_t> own_part, std::uint64_t seed);

    [[nodiscard]] std::optional<std::size_t> next() override;
    /// What it has taken is never its again: a claim that was taken away from it is another's. What it has
    /// lost counts as taken until a listing has shown that; free in a later one, it can be had.
    void look(std::span<const std::size_t> taken) override;
    void lost() override;

  private:
    /// What was tried and not lost is taken.
    void settle();
    [[nodiscard]] std::optional<std::size_t> draw();

    std::vector<bool> is_taken_;  ///< at the last look, or tried since
    std::vector<std::size_t> own_part_;
    std::size_t num_begun_ = 0;         ///< of the own part
    std::optional<std::size_t> tried_;  ///< what next() gave last; not known to be lost
    std::vector<std::size_t> own_;      ///< taken before that
    std::vector<std::size_t> unseen_;   ///< lost, and not seen in a listing since
    std::size_t begin_ = 0;             ///< those below count as taken until the next look
    std::size_t num_tries_left_ = 0;    ///< until the next look
    std::size_t window_ = 1;            ///< from so many it draws
    std::mt19937_64 random_;
};

}  // namespace qmr::detail
