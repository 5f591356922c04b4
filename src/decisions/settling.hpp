#pragma once
// When what was computed counts. A batch system that ends a queue job may signal what a task has started some
// milliseconds before the worker, so that the task has an outcome which it would not have otherwise. An
// outcome therefore counts only after its worker has lived on for a while.

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace qmr::detail {

class Settling {
  public:
    using Time = std::chrono::steady_clock::time_point;
    using Duration = std::chrono::steady_clock::duration;

    /// `time`: for how long the worker has to live on; 0: an outcome counts at once. `num_settled`: outcomes
    /// of an earlier attempt, which count already.
    explicit Settling(Duration time, std::uint64_t num_settled = 0)
        : time_(time), num_settled_(num_settled) {}

    /// So many outcomes are there at `now`. Not to be told once somebody has begun to end the worker.
    void see(std::uint64_t num_outcomes, Time now);

    /// So many of them count at `now`, by which the worker was not told to leave.
    [[nodiscard]] std::uint64_t num_settled(Time now);

    /// When all that was seen counts; none: it does.
    [[nodiscard]] std::optional<Time> end() const;

  private:
    struct Seen {
        Time since;
        std::uint64_t num_outcomes;
    };
    Duration time_;
    std::uint64_t num_settled_;
    std::deque<Seen> seen_;  ///< more outcomes each time, and later
};

}  // namespace qmr::detail
