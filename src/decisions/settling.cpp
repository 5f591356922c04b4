#include "decisions/settling.hpp"

namespace qmr::detail {

void Settling::see(std::uint64_t num_outcomes, Time now) {
    if (num_outcomes > (seen_.empty() ? num_settled_ : seen_.back().num_outcomes))
        seen_.push_back({now, num_outcomes});
}

std::uint64_t Settling::num_settled(Time now) {
    while (!seen_.empty() && now - seen_.front().since >= time_) {
        num_settled_ = seen_.front().num_outcomes;
        seen_.pop_front();
    }
    return num_settled_;
}

std::optional<Settling::Time> Settling::end() const {
    if (seen_.empty()) return std::nullopt;
    return seen_.back().since + time_;
}

}  // namespace qmr::detail
