#include "ports/local_queue.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <system_error>

#include "adapters/interrupts.hpp"
#include "ground/process_tree.hpp"
#include "qmr/error.hpp"
#include "vocabulary/private_files.hpp"
#include "worker/worker.hpp"

namespace qmr::detail {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t max_output_shown = 2000;

// For a worker, to write down how its attempt ended.
constexpr std::chrono::seconds time_to_leave{3};

Seconds now() {
    return Clock::now().time_since_epoch();
}

constexpr std::chrono::seconds patience_with_lack{20};

// The next one would fail of the same thing: no descriptors, no processes, no memory.
constexpr std::chrono::milliseconds wait_after_failure{250};

std::string describe_end(const ExitStatus& status) {
    if (status.signal == 0 && status.exit_code == worker_disk_full)
        return "the worker could not write: no space left on the disk";
    if (status.signal == 0 && status.exit_code == worker_has_no_room)
        return "the worker found no room for another process, or not the memory or the descriptors it needs";
    return "the worker ended with " + describe(status);
}

}  // namespace

LocalQueue::LocalQueue(WorkDir work_dir, std::size_t max_num_running, std::vector<std::string> environment)
    : work_dir_(std::move(work_dir)), room_(max_num_running), environment_(std::move(environment)) {}

LocalQueue::~LocalQueue() {
    end(running_);
}

// Each worker lets what its tasks have started clean up, and leaves.
void LocalQueue::end(std::vector<Running>& workers) {
    const bool can_be_asked = !is_ignored(SIGTERM);
    if (can_be_asked)
        for (const Running& worker : workers) ::kill(worker.process.pid(), SIGTERM);
    const auto deadline =
        Clock::now() + (can_be_asked ? time_to_clean_up + time_to_leave : Clock::duration{});
    for (Running& worker : workers) {
        while (!worker.process.ended() && Clock::now() < deadline) {
            pollfd watched{worker.process.descriptor(), POLLIN, 0};
            const int left = milliseconds_until(deadline);
            ::poll(&watched, 1, watched.fd < 0 ? std::min(left, milliseconds_between_looks) : left);
        }
        // What a task has started has no parent afterwards that could end it.
        if (!worker.process.ended()) kill_tree(worker.process.pid());
    }
    for (Running& worker : workers) worker.process.wait();
}

// The first of them.
std::vector<std::string> LocalQueue::submit_command(const QueueSubmission& submission) const {
    return {work_dir_.launcher().native(), std::to_string(submission.isubmission), "1"};
}

SubmitVerdict LocalQueue::submit(const QueueSubmission& submission) {
    check_private_file(work_dir_.launcher());
    for (std::uint64_t index = 1; index <= submission.num_jobs; ++index)
        waiting_.push_back({submission.isubmission, index});
    start_what_fits();
    return {SubmitVerdict::Kind::accepted, std::to_string(submission.isubmission), {}};
}

std::optional<std::vector<JobKey>> LocalQueue::running() const {
    std::vector<JobKey> keys;
    for (const Running& running : running_) keys.push_back(running.key);
    return keys;
}

Poll LocalQueue::poll() {
    return {std::nullopt, "the local cores are not polled", {}};
}

std::string LocalQueue::remove(std::span<const QueueJob> jobs) {
    std::vector<Running> removed;
    for (const QueueJob& job : jobs) {
        std::erase(waiting_, job.key);
        const auto found = std::ranges::find(running_, job.key, &Running::key);
        if (found == running_.end()) continue;
        removed.push_back(std::move(*found));
        running_.erase(found);
    }
    end(removed);
    start_what_fits();
    return {};
}

std::vector<EndedJob> LocalQueue::wait(Seconds at_most) {
    const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(at_most);
    while (true) {
        std::vector<EndedJob> ended = take_ended();
        start_what_fits();
        int left = milliseconds_until(deadline);
        if (!ended.empty() || left <= 0 || Interrupts::received() != 0) return ended;

        std::vector<pollfd> watched{{Interrupts::descriptor(), POLLIN, 0}};
        bool is_blind = false;
        for (const Running& running : running_) {
            watched.push_back({running.process.descriptor(), POLLIN, 0});
            is_blind = is_blind || running.process.descriptor() < 0;
        }
        if (can_start()) left = std::clamp(milliseconds_until(next_start_), 1, left);
        const int timeout = is_blind ? std::min(left, milliseconds_between_looks) : left;
        if (::poll(watched.data(), watched.size(), timeout) < 0 && errno != EINTR)
            throw Error(fmt::format("cannot wait for workers: {}", std::generic_category().message(errno)));
    }
}

void LocalQueue::start_what_fits() {
    while (can_start() && Clock::now() >= next_start_) {
        const JobKey key = waiting_.front();
        waiting_.pop_front();
        const Start tried = start(key);
        if (tried == Start::to_be_tried_again) waiting_.push_front(key);
        if (tried != Start::started) next_start_ = Clock::now() + wait_after_failure;
    }
}

bool LocalQueue::can_start() {
    return !waiting_.empty() && room_.has_place(running_.size(), now());
}

LocalQueue::Start LocalQueue::start(JobKey key) {
    try {
        // A process before this one may have come as far as here with the same number.
        ::unlink(output_of(key).c_str());
        const Descriptor output = create_file(output_of(key));
        running_.push_back(
            {key, Process({work_dir_.launcher().native(), std::to_string(key.isubmission),
                           std::to_string(key.index)},
                          {output.get(), output.get()}, &environment_, Process::AtDeath::ask_to_end)});
        lacking_since_.reset();
        return Start::started;
    } catch (const StartFailure& bad) {
        if (is_lack(bad.error()) && waits_for_room()) return Start::to_be_tried_again;
        not_started_.push_back(ended(key, bad.what()));
    } catch (const Error& bad) {
        not_started_.push_back(ended(key, bad.what()));
    }
    lacking_since_.reset();
    return Start::failed;
}

// Those that run give back what is lacking; others than ours may, so that is waited for, but not for ever.
bool LocalQueue::waits_for_room() {
    room_.lacked(running_.size(), now());
    if (!running_.empty()) return true;
    if (!lacking_since_) lacking_since_ = Clock::now();
    return Clock::now() - *lacking_since_ < patience_with_lack;
}

std::vector<EndedJob> LocalQueue::take_ended() {
    std::vector<EndedJob> all = std::exchange(not_started_, {});
    bool is_without_room = false;
    std::erase_if(running_, [&](Running& running) {
        const auto status = running.process.ended();
        if (!status) return false;
        if (status->signal == 0 && status->exit_code == worker_has_no_room) is_without_room = true;
        all.push_back(ended(running.key, describe_end(*status)));
        all.back().was_killed = status->signal != 0;
        all.back().has_failed = status->signal != 0 || status->exit_code != worker_committed;
        return true;
    });
    if (is_without_room) room_.lacked(running_.size(), now());
    return all;
}

EndedJob LocalQueue::ended(JobKey key, const std::string& how) const {
    const std::string said = last_line(end_of_file(output_of(key), max_output_shown));
    if (said.empty()) ::unlink(output_of(key).c_str());
    return {key, said.empty() ? how : fmt::format("{}: {}", how, said)};
}

fs::path LocalQueue::output_of(JobKey key) const {
    return work_dir_.queue_jobs() / fmt::format("{}.{}", key.isubmission, key.index);
}

}  // namespace qmr::detail
