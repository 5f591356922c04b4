#pragma once

#include <cstdint>
#include <string>

#include "decisions/settling.hpp"
#include "qmr/options.hpp"

namespace qmr::detail {

/// Tells in a part how many of its outcomes count (docs/failures.md), as far as this process lives on and is
/// not told to leave.
class PartMark {
  public:
    /// 0: all outcomes count at once, and there is no mark.
    explicit PartMark(Seconds settling_time);

    [[nodiscard]] bool is_used() const noexcept { return settling_time_.count() > 0; }
    [[nodiscard]] Seconds settling_time() const noexcept { return settling_time_; }

    /// The part, open while this is used, with a mark in its header; outcomes of an earlier attempt count
    /// already.
    void begin(int part, std::string path, std::uint64_t num_of_earlier_attempt);

    /// So many outcomes are there now. Marks those that count. Gives after how many milliseconds there may be
    /// more to mark; -1: never. Where the mark can not be written, less counts.
    int look(std::uint64_t num_outcomes);

    /// Blocks until these count, or this process is told to leave.
    void wait(std::uint64_t num_outcomes);

    /// Marks that so many count. Throws WriteFailure.
    void set(std::uint64_t num_outcomes);

    /// Those that count, as the part tells.
    [[nodiscard]] std::uint64_t num_outcomes() const noexcept { return num_outcomes_; }

    /// When all that was seen counts.
    [[nodiscard]] Settling::Time end() const { return settling_.end().value_or(Settling::Time()); }

  private:
    Seconds settling_time_;
    Settling settling_;
    int part_ = -1;
    std::string path_;
    std::uint64_t num_outcomes_ = 0;
};

}  // namespace qmr::detail
