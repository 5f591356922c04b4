#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "qmr/result.hpp"

namespace qmr::detail {

/// How often a task is tried again before it counts as failed.
struct TaskRetries {
    std::uint64_t exception = 0;  ///< in the same process, when its function threw
    std::uint64_t crash = 0;      ///< in a new process, when it has ended its own
};

/// The failed attempts of the task that runs. Plain data, since it lives in memory that the watching process
/// shares with the child that runs tasks, and outlives that child.
class TaskHistory {
  public:
    /// Most attempts that are kept, the latest ones; and bytes of a message.
    static constexpr std::size_t max_num_kept = 16;
    static constexpr std::size_t max_message_size = 2047;

    void add(const FailedAttempt& attempt);

    /// Those that are kept, oldest first.
    [[nodiscard]] std::vector<FailedAttempt> attempts() const;

    /// All that were added, also those that are not kept.
    [[nodiscard]] std::uint64_t num_exceptions() const noexcept { return num_exceptions_; }
    [[nodiscard]] std::uint64_t num_crashes() const noexcept { return num_crashes_; }

    /// To be called when the task has its outcome.
    void clear() noexcept {
        if (num_exceptions_ + num_crashes_ > 0) num_exceptions_ = num_crashes_ = 0;
    }

  private:
    struct Kept {
        Cause cause;
        int signal, exit_code;
        double seconds;
        std::uint64_t peak_memory;
        std::array<char, 256> host;
        std::array<char, max_message_size + 1> message;
    };

    std::uint64_t num_exceptions_ = 0;
    std::uint64_t num_crashes_ = 0;
    std::array<Kept, max_num_kept> kept_;
};

}  // namespace qmr::detail
