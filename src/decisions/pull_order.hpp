#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace qmr::detail {

/// In which order the queue jobs of a map take chunks.
enum class PullWay {
    spread,     ///< each far from the others, see SpreadOrder
    ascending,  ///< the lowest ones first, see AscendingOrder
};

/// Which chunk a queue job tries to take next, where all queue jobs of a map take chunks from one set.
class PullOrder {
  public:
    PullOrder() = default;
    virtual ~PullOrder() = default;
    PullOrder(const PullOrder&) = delete;
    PullOrder& operator=(const PullOrder&) = delete;

    /// The chunk to take next. None: what is taken has to be looked at; directly after a look: no chunk is
    /// left.
    [[nodiscard]] virtual std::optional<std::size_t> next() = 0;

    /// All chunks that are taken, as far as can be seen. A listing that is out of date costs a try, and not
    /// the end.
    virtual void look(std::span<const std::size_t> taken) = 0;

    /// Somebody else has taken what next() gave.
    virtual void lost() = 0;
};

/// `own_part`: what it begins with. `seed`: another number for each queue job, so that those that look at the
/// same time do not all choose the same.
[[nodiscard]] std::unique_ptr<PullOrder> make_pull_order(PullWay way, std::size_t num_chunks,
                                                         std::vector<std::size_t> own_part,
                                                         std::uint64_t seed);

}  // namespace qmr::detail
