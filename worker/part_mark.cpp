#include "worker/part_mark.hpp"

#include <poll.h>

#include <utility>

#include "adapters/interrupts.hpp"
#include "adapters/subprocess.hpp"
#include "qmr/detail/record_file.hpp"
#include "worker/leave_signals.hpp"

namespace qmr::detail {

namespace {

Settling begin_settling(Seconds time, std::uint64_t num_settled) {
    return Settling(std::chrono::duration_cast<Settling::Duration>(time), num_settled);
}

}  // namespace

PartMark::PartMark(Seconds settling_time)
    : settling_time_(settling_time), settling_(begin_settling(settling_time, 0)) {}

void PartMark::begin(int part, std::string path, std::uint64_t num_of_earlier_attempt) {
    part_ = part;
    path_ = std::move(path);
    settling_ = begin_settling(settling_time_, num_of_earlier_attempt);
    look(num_of_earlier_attempt);
}

int PartMark::look(std::uint64_t num_outcomes) {
    // A signal that comes after this moment finds less marked than had counted by now.
    const auto now = std::chrono::steady_clock::now();
    if (!is_used() || told_to_leave() != 0) return -1;
    settling_.see(num_outcomes, now);
    try {
        if (const auto num_settled = settling_.num_settled(now); num_settled > num_outcomes_)
            set(num_settled);
    } catch (const WriteFailure&) {
    }
    return 1 + static_cast<int>(settling_time_.count() * 1000 / 4);
}

void PartMark::wait(std::uint64_t num_outcomes) {
    look(num_outcomes);
    while (settling_.end() && told_to_leave() == 0) {
        pollfd watched{Interrupts::descriptor(), POLLIN, 0};
        ::poll(&watched, 1, milliseconds_until(end()));
        look(num_outcomes);
    }
}

void PartMark::set(std::uint64_t num_outcomes) {
    mark_settled(part_, path_.c_str(), num_outcomes);
    num_outcomes_ = num_outcomes;
}

}  // namespace qmr::detail
