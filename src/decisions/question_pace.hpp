#pragma once

#include <cstddef>

#include "qmr/options.hpp"

namespace qmr::detail {

/// How patiently and how often a program is asked that may be slow, as qacct is, which reads all that a site
/// has ever accounted. One that answers too late is given more time, and is asked again: what made it slow
/// may pass. It rests half as long as it took, so that the map, which waits meanwhile, gets on as well.
class QuestionPace {
  public:
    /// How many questions may be asked now, one after the other.
    [[nodiscard]] std::size_t num_questions(Seconds now) const;

    /// How long to wait for the next answer.
    [[nodiscard]] Seconds time_limit() const { return limit_; }

    /// It was asked, from `begin` to `end`.
    void asked(Seconds begin, Seconds end, bool has_timed_out);

  private:
    static constexpr Seconds usual_limit{10};

    Seconds limit_ = usual_limit;
    Seconds not_before_{0};
    bool is_slow_ = false;
};

}  // namespace qmr::detail
