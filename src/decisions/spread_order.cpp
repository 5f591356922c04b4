#include "decisions/spread_order.hpp"

#include <algorithm>

namespace qmr::detail {

SpreadOrder::SpreadOrder(std::size_t num_chunks, std::vector<std::size_t> own_part, std::uint64_t seed)
    : is_taken_(num_chunks), own_part_(std::move(own_part)), position_(num_chunks), random_(seed) {}

std::optional<std::size_t> SpreadOrder::next() {
    std::size_t ichunk = position_;
    if (num_given_ < own_part_.size())
        ichunk = own_part_[num_given_++];
    else if (position_ < is_taken_.size())
        ++position_;
    if (ichunk >= is_taken_.size() || is_taken_[ichunk]) {
        leave();
        return std::nullopt;
    }
    is_taken_[ichunk] = true;
    given_.push_back(ichunk);
    return ichunk;
}

void SpreadOrder::look(std::span<const std::size_t> taken) {
    // What was taken from one that died is free again.
    is_taken_.assign(is_taken_.size(), false);
    for (const std::size_t ichunk : taken) is_taken_.at(ichunk) = true;
    for (const std::size_t ichunk : given_) is_taken_[ichunk] = true;
    leave();
    std::vector<Gap> all = gaps();
    if (all.empty()) return;
    // Many may look at the same time. Would all of them choose the largest gap, one would get a chunk and all
    // others look again; so they spread over those of about that size.
    const std::size_t largest = std::ranges::max(all, {}, &Gap::size).size;
    std::erase_if(all, [&](const Gap& gap) { return 2 * gap.size <= largest; });
    const Gap gap = all[random_() % all.size()];
    position_ = gap.begin + gap.size / 2;
}

// What follows on this way is for the one who was met: he goes upward from there.
void SpreadOrder::lost() {
    leave();
}

void SpreadOrder::leave() {
    num_given_ = own_part_.size();
    position_ = is_taken_.size();
}

std::vector<SpreadOrder::Gap> SpreadOrder::gaps() const {
    std::vector<Gap> all;
    for (std::size_t ichunk = 0; ichunk < is_taken_.size(); ++ichunk) {
        if (is_taken_[ichunk]) continue;
        if (all.empty() || all.back().begin + all.back().size < ichunk) all.push_back({ichunk, 0});
        ++all.back().size;
    }
    return all;
}

}  // namespace qmr::detail
