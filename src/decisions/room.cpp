#include "decisions/room.hpp"

#include <algorithm>

namespace qmr::detail {

void Room::lacked(std::size_t num_left, Seconds now) {
    limit_ = std::clamp(num_left, std::size_t{1}, limit_);
    last_change_ = now;
}

bool Room::has_place(std::size_t num_running, Seconds now) {
    if (limit_ < most_ && now - last_change_ >= before_one_more) {
        ++limit_;
        last_change_ = now;
    }
    return num_running < limit_;
}

}  // namespace qmr::detail
