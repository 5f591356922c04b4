// The end of a map, whatever it was: nothing of ours stays in the queue.

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "adapters/interrupts.hpp"
#include "adapters/lease.hpp"
#include "pool/map_loop.hpp"
#include "qmr/error.hpp"
#include "vocabulary/job_name.hpp"

namespace qmr::detail {

namespace {

constexpr Seconds patience_with_ending_jobs{35};  // they may have a cleanup() to do
constexpr Seconds patience{60};
constexpr Seconds patience_with_unlisted{3};
constexpr Seconds longest_wait{1};

// What can not be written down, on a full disk, must not keep a queue job in the queue.
template <class Step>
std::string complaint_of(Step step) {
    try {
        return step();
    } catch (const LeaseLost&) {
        throw;  // these queue jobs are another's now
    } catch (const std::exception& bad) {
        return bad.what();
    }
}

}  // namespace

void MapLoop::leave_nothing_behind() noexcept {
    try {
        clean_queue();
    } catch (const std::exception& bad) {
        progress_.say(fmt::format("queue jobs may be left in the queue: {}", bad.what()));
    }
}

// Those of the local cores, when all chunks are settled. What runs on ends with the queue.
void MapLoop::wait_for_ending_jobs() {
    if (!is_done()) return;
    const Seconds end = now() + patience_with_ending_jobs;
    const auto is_one_running = [this] { return !queue_.running().value_or(std::vector<JobKey>()).empty(); };
    while (is_one_running() && now() < end && Interrupts::received() == 0)
        static_cast<void>(queue_.wait(end - now()));
}

void MapLoop::clean_queue() {
    if (!queue_.is_polled()) {
        wait_for_ending_jobs();
        return;
    }
    context_.require_lease();
    std::string complaint;
    const std::vector<std::size_t> unclear = monitor_.unclear_submissions();
    for (const std::size_t isubmission : unclear)
        complaint = complaint_of([&] {
            queue_.remove_by_name(JB_name_of(isubmission));
            return std::string();
        });
    const Seconds begin = now();
    // What was submitted a moment ago may not be listed yet.
    std::vector<QueueJob> unlisted;
    for (const JobKey key : monitor_.unlisted_jobs()) unlisted.push_back(to_job(key));
    const bool is_in_doubt = !unclear.empty() || !unlisted.empty();
    const Seconds end_of_doubt =
        begin +
        (is_in_doubt ? std::min(context_.monitor.file_system_latency, patience_with_unlisted) : Seconds{0});
    if (!is_done()) complaint = complaint_of([&] { return remove(unlisted); });
    Seconds wait = std::min(longest_wait, context_.polling_interval) / 16;
    std::vector<QueueJob> left;
    for (bool is_known = false;; wait = std::min(wait * 2, longest_wait)) {
        const bool may_end = now() - begin < patience_with_ending_jobs;
        std::vector<QueueJob> to_remove;
        Poll poll;
        poll.message = complaint_of([&] {
            poll = queue_.poll();
            return poll.message;
        });
        if (poll.listing) {
            is_known = true;
            left.clear();
            for (const SeenJob& seen : ours(*poll.listing)) {
                if (seen.state == JobState::deleting) continue;
                left.push_back(
                    {seen.key, seen.JB_job_number, JB_name_of(seen.key.isubmission), monitor_.is_array()});
                if (!(may_end && seen.state == JobState::running && monitor_.is_ending(seen.key)))
                    to_remove.push_back(left.back());
            }
            if (left.empty() && now() >= end_of_doubt) {
                // Without this line, whoever goes on with the map waits a little.
                static_cast<void>(complaint_of([&] {
                    journal_.write({{"event", "left"}});
                    return std::string();
                }));
                return;
            }
        } else if (!is_known) {
            left.clear();
            for (const JobKey key : monitor_.live_jobs()) left.push_back(to_job(key));
            to_remove = left;
        }
        complaint = complaint_of([&] { return remove(to_remove); });
        if (!complaint.empty()) complaint = complaint_of([&] { return queue_.remove(to_remove); });
        if (!poll.listing) complaint = poll.message;
        if (now() - begin > patience) break;
        // Not queue_.wait(): a signal that has come must not make this loop a busy one.
        std::this_thread::sleep_for(wait);
    }
    progress_.say(fmt::format("{} queue jobs named {}* could not be deleted: {}; delete them yourself",
                              left.size(), JB_name_prefix(context_.session_id), complaint));
}

}  // namespace qmr::detail
