#include "decisions/ascending_order.hpp"

#include <algorithm>
#include <utility>

namespace qmr::detail {

namespace {

// On a local disk a try costs as much as a few entries of a listing; over NFS a round trip, which brings some
// hundred of them.
constexpr std::size_t entries_for_try = 128;

}  // namespace

AscendingOrder::AscendingOrder(std::size_t num_chunks, std::vector<std::size_t> own_part, std::uint64_t seed)
    : is_taken_(num_chunks), own_part_(std::move(own_part)), random_(seed) {}

std::optional<std::size_t> AscendingOrder::next() {
    settle();
    tried_ = num_begun_ < own_part_.size() ? own_part_[num_begun_++] : draw();
    if (tried_) is_taken_.at(*tried_) = true;
    return tried_;
}

void AscendingOrder::settle() {
    if (!tried_) return;
    own_.push_back(*tried_);
    tried_.reset();
    window_ = 1;
}

// From the lowest ones that are left.
std::optional<std::size_t> AscendingOrder::draw() {
    if (num_tries_left_ == 0) return std::nullopt;
    --num_tries_left_;
    while (begin_ < is_taken_.size() && is_taken_[begin_]) ++begin_;
    std::vector<std::size_t> lowest;
    for (std::size_t ichunk = begin_; ichunk < is_taken_.size() && lowest.size() < window_; ++ichunk)
        if (!is_taken_[ichunk]) lowest.push_back(ichunk);
    if (lowest.empty()) return std::nullopt;
    window_ = std::min(2 * window_, is_taken_.size());
    return lowest[random_() % lowest.size()];
}

void AscendingOrder::look(std::span<const std::size_t> taken) {
    settle();
    is_taken_.assign(is_taken_.size(), false);
    for (const std::size_t ichunk : taken) is_taken_.at(ichunk) = true;
    std::erase_if(unseen_, [this](std::size_t ichunk) { return is_taken_[ichunk]; });
    for (const auto* all : {&own_, &unseen_})
        for (const std::size_t ichunk : *all) is_taken_[ichunk] = true;
    begin_ = 0;
    num_tries_left_ = 1 + taken.size() / entries_for_try;
}

void AscendingOrder::lost() {
    unseen_.push_back(*tried_);
    begin_ = *tried_ + 1;
    tried_.reset();
}

}  // namespace qmr::detail
