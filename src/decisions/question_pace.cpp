#include "decisions/question_pace.hpp"

#include <algorithm>

#include "decisions/decisions.hpp"

namespace qmr::detail {

namespace {

constexpr Seconds longest_limit{60};
constexpr Seconds no_burden{1};  // many answers of that time in a row delay nothing much

}  // namespace

std::size_t QuestionPace::num_questions(Seconds now) const {
    if (now < not_before_) return 0;
    return is_slow_ ? 1 : max_num_questions;
}

void QuestionPace::asked(Seconds begin, Seconds end, bool has_timed_out) {
    const Seconds took = end - begin;
    const Seconds wanted = has_timed_out ? limit_ * 2 : std::max(took * 2, usual_limit);
    limit_ = std::min(wanted, longest_limit);
    is_slow_ = took > no_burden;
    not_before_ = is_slow_ ? end + took / 2 : end;
}

}  // namespace qmr::detail
