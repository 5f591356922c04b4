#include "decisions/job_time.hpp"

#include <algorithm>

namespace qmr::detail {

void JobTime::took(Seconds chunk) {
    longest_ = std::max(longest_, chunk);
    is_first_ = false;
}

bool JobTime::starts_another(Seconds elapsed) const {
    constexpr double margin = 1.25;  // for a chunk that takes longer than all before
    if (is_first_) return true;
    if (max_job_time_ > Seconds{0} && elapsed >= max_job_time_) return false;
    return walltime_ <= Seconds{0} || elapsed + longest_ * margin <= walltime_;
}

}  // namespace qmr::detail
