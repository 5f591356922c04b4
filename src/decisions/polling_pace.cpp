#include "decisions/polling_pace.hpp"

#include <algorithm>

namespace qmr::detail {

Seconds PollingPace::next(Look look, Seconds took) {
    constexpr double longest_back_off = 12;  // polling intervals
    constexpr double share_of_time = 10;  // waits are that much longer than looks, where the interval allows
    switch (look) {
        case Look::news:
            wait_ = shortest();
            break;
        case Look::no_news:
            wait_ = std::min(wait_ * 2, longest_);
            break;
        case Look::failed:
            wait_ = std::clamp(wait_ * 2, longest_, longest_ * longest_back_off);
            break;
    }
    return std::max(wait_, std::min(took * share_of_time, longest_));
}

}  // namespace qmr::detail
