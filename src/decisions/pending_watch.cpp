#include "decisions/pending_watch.hpp"

#include <algorithm>

namespace qmr::detail {

namespace {

constexpr Seconds longest_wait{3600};

}  // namespace

bool PendingWatch::is_due(bool waits, Seconds now) {
    if (!waits) {
        next_.reset();
        wait_ = patience_;
        return false;
    }
    if (!next_) next_ = now + wait_;
    if (now < *next_) return false;
    wait_ = std::min(wait_ * 2, std::max(longest_wait, patience_));
    next_ = now + wait_;
    return true;
}

}  // namespace qmr::detail
