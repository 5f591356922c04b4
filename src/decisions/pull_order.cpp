#include "decisions/pull_order.hpp"

#include <utility>

#include "decisions/ascending_order.hpp"
#include "decisions/spread_order.hpp"

namespace qmr::detail {

std::unique_ptr<PullOrder> make_pull_order(PullWay way, std::size_t num_chunks,
                                           std::vector<std::size_t> own_part, std::uint64_t seed) {
    if (way == PullWay::ascending)
        return std::make_unique<AscendingOrder>(num_chunks, std::move(own_part), seed);
    return std::make_unique<SpreadOrder>(num_chunks, std::move(own_part), seed);
}

}  // namespace qmr::detail
