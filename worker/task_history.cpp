#include "worker/task_history.hpp"

#include <algorithm>
#include <string_view>

namespace qmr::detail {

namespace {

template <std::size_t n>
void copy_to(std::array<char, n>& to, std::string_view text) {
    to[text.copy(to.data(), n - 1)] = '\0';
}

}  // namespace

void TaskHistory::add(const FailedAttempt& attempt) {
    Kept& kept = kept_[(num_exceptions_ + num_crashes_) % max_num_kept];
    kept.cause = attempt.cause;
    kept.signal = attempt.signal;
    kept.exit_code = attempt.exit_code;
    kept.seconds = attempt.seconds;
    kept.peak_memory = attempt.peak_memory;
    copy_to(kept.host, attempt.host);
    copy_to(kept.message, attempt.message);
    ++(attempt.cause == Cause::exception ? num_exceptions_ : num_crashes_);
}

std::vector<FailedAttempt> TaskHistory::attempts() const {
    const std::uint64_t end = num_exceptions_ + num_crashes_;
    std::vector<FailedAttempt> attempts;
    for (std::uint64_t i = end - std::min<std::uint64_t>(end, max_num_kept); i < end; ++i) {
        const Kept& kept = kept_[i % max_num_kept];
        attempts.push_back({kept.cause, kept.message.data(), kept.host.data(), kept.signal, kept.exit_code,
                            kept.seconds, kept.peak_memory});
    }
    return attempts;
}

}  // namespace qmr::detail
