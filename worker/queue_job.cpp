#include "worker/queue_job.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/claims.hpp"
#include "adapters/executable.hpp"
#include "adapters/interrupts.hpp"
#include "adapters/subprocess.hpp"
#include "decisions/batch_system.hpp"
#include "decisions/job_time.hpp"
#include "decisions/pull_order.hpp"
#include "ground/host.hpp"
#include "vocabulary/job_name.hpp"
#include "worker/attempt.hpp"
#include "worker/leave_signals.hpp"

namespace qmr::detail {

namespace {

using Clock = std::chrono::steady_clock;

// Null: this executable does not have it.
ChunkFunction find_function(const Manifest& manifest) {
    const void* address = address_of({manifest.function_build_id, manifest.function_offset, {}});
    const auto function = reinterpret_cast<ChunkFunction>(reinterpret_cast<std::uintptr_t>(address));
    return address != nullptr && is_registered(function) ? function : nullptr;
}

// Why this executable can not work on the map, now or later; none: it can.
std::optional<ExitRecord> refusal(const Manifest& manifest, ChunkFunction function) {
    ExitRecord record;
    record.host = host_name();
    record.may_retry = false;
    if (const std::string build_id = own_build_id(); build_id != manifest.build_id) {
        record.cause = Cause::binary_changed;
        record.message = fmt::format(
            "the executable was rebuilt since the map began: its build-id is {} on {}, and was {}; map again",
            build_id, record.host, manifest.build_id);
        return record;
    }
    if (function == nullptr) {
        record.message =
            "the function is not in this executable, nor in a library that it is linked with; a library that "
            "is loaded later can not be used";
        return record;
    }
    return std::nullopt;
}

bool was_started_before(const Manifest& manifest) {
    const BatchSystem* batch_system = find_batch_system(manifest.batch_system);
    if (batch_system == nullptr) return false;
    const char* value = std::getenv(std::string(batch_system->restarted_variable).c_str());
    return value != nullptr && *value != '\0' && std::string_view(value) != "0";
}

WorkerExit exit_code_of(AttemptEnd end) {
    switch (end) {
        case AttemptEnd::committed:
        case AttemptEnd::settling:
            return worker_committed;
        case AttemptEnd::disk_full:
            return worker_disk_full;
        case AttemptEnd::no_room:
            return worker_has_no_room;
        case AttemptEnd::told_to_leave:
            return worker_told_to_leave;
        case AttemptEnd::failed:
            break;
    }
    return worker_failed;
}

/// What a queue job does with a chunk, whichever way it came to it. While the outcomes of one settle, the
/// tasks of the next one run.
class ChunkWork {
  public:
    ChunkWork(const WorkDir& work_dir, JobKey job, const Manifest& manifest, ChunkFunction function)
        : work_dir_(work_dir),
          job_(job),
          session_(session_hash(manifest.session_id)),
          settling_time_(manifest.settling_time),
          refused_(refusal(manifest, function)),
          process_(work_dir, session_, function,
                   {manifest.max_num_retries_exception, manifest.max_num_retries_crash}) {}

    /// Runs the chunk, or tells why that is refused. Told to leave, it does neither.
    WorkerExit run(std::size_t ichunk) {
        if (told_to_leave() != 0) return worker_told_to_leave;
        ChunkAttempt attempt(work_dir_, session_, ichunk, job_, settling_time_);
        if (refused_) {
            attempt.write_exit_record(*refused_);
            return worker_failed;
        }
        const AttemptEnd end = attempt.run(process_, [this] { return settle_what_is_due(); });
        if (end == AttemptEnd::settling) settling_.push_back(std::move(attempt));
        return exit_code_of(end);
    }

    /// Blocks until all that was run counts, or this process is told to leave. How that went.
    WorkerExit finish() {
        while (!settling_.empty()) {
            pollfd watched{Interrupts::descriptor(), POLLIN, 0};
            ::poll(&watched, 1,
                   told_to_leave() != 0 ? 0 : milliseconds_until(settling_.front().settled_at()));
            if (told_to_leave() != 0)
                settle_next();
            else
                settle_what_is_due();
        }
        return settled_;
    }

  private:
    // Gives the milliseconds until the next one is.
    int settle_what_is_due() {
        while (!settling_.empty() && told_to_leave() == 0) {
            if (settling_.front().settled_at() > Clock::now())
                return milliseconds_until(settling_.front().settled_at());
            settle_next();
        }
        return -1;
    }

    void settle_next() {
        if (const WorkerExit end = exit_code_of(settling_.front().settle()); end != worker_committed)
            settled_ = end;
        settling_.pop_front();
    }

    WorkDir work_dir_;
    JobKey job_;
    std::uint64_t session_;
    Seconds settling_time_;
    std::deque<ChunkAttempt> settling_;  ///< the oldest first
    WorkerExit settled_ = worker_committed;
    std::optional<ExitRecord> refused_;
    TaskProcess process_;
};

/// The chunks that a queue job takes from all of the map, one after the other.
class ClaimedChunks {
  public:
    ClaimedChunks(const WorkDir& work_dir, JobKey job, std::vector<std::size_t> own_part,
                  const Manifest& manifest)
        : claims_(work_dir),
          job_(job),
          num_chunks_(manifest.num_chunks),
          order_(make_pull_order(manifest.pull_way, num_chunks_, std::move(own_part),
                                 (std::uint64_t{job.isubmission} << 32U) + job.index)) {}

    /// None: there is no chunk that nobody has claimed.
    std::optional<std::size_t> next() {
        while (const auto ichunk = propose()) {
            if (claims_.take(*ichunk, job_)) return ichunk;
            order_->lost();
        }
        return std::nullopt;
    }

  private:
    std::optional<std::size_t> propose() {
        if (const auto ichunk = order_->next()) return ichunk;
        order_->look(claims_.taken(num_chunks_));
        return order_->next();
    }

    Claims claims_;
    JobKey job_;
    std::size_t num_chunks_;
    std::unique_ptr<PullOrder> order_;
};

// Started again by the batch system, it begins with what it has claimed before, since others leave that
// alone.
std::vector<std::size_t> first_chunks(const WorkDir& work_dir, JobKey job, JobLine line,
                                      const Manifest& manifest) {
    // It may have been submitted for results at the end, and somebody wants them in order since.
    if (manifest.pull_way == PullWay::ascending) line.chunks.resize(1);
    if (!was_started_before(manifest)) return line.chunks;
    const Claims claims(work_dir);
    std::vector<std::size_t> first = claims.taken(manifest.num_chunks);
    std::erase_if(first, [&](std::size_t ichunk) { return claims.claimant(ichunk) != job; });
    for (const std::size_t ichunk : line.chunks)
        if (std::ranges::find(first, ichunk) == first.end()) first.push_back(ichunk);
    return first;
}

// The pool waits for each of these chunks, so a failure ends nothing.
WorkerExit run_listed(ChunkWork& work, const std::vector<std::size_t>& chunks) {
    WorkerExit exit_code = worker_committed;
    for (const std::size_t ichunk : chunks) {
        if (const WorkerExit end = work.run(ichunk); end != worker_committed) exit_code = end;
        if (exit_code == worker_told_to_leave) break;
    }
    return exit_code;
}

// What made a chunk fail may be this host, and others are there for the rest.
WorkerExit run_pulled(ChunkWork& work, ClaimedChunks& chunks, JobTime time,
                      std::chrono::steady_clock::time_point begin) {
    WorkerExit exit_code = worker_committed;
    while (exit_code == worker_committed && time.starts_another(Clock::now() - begin)) {
        if (told_to_leave() != 0) return worker_told_to_leave;
        const auto ichunk = chunks.next();
        if (!ichunk) break;
        const auto begin_of_chunk = Clock::now();
        exit_code = work.run(*ichunk);
        time.took(Clock::now() - begin_of_chunk);
    }
    return exit_code;
}

}  // namespace

WorkerExit run_queue_job(const WorkDir& work_dir, const Manifest& manifest, JobKey job,
                         std::chrono::steady_clock::time_point begin) {
    ChunkWork work(work_dir, job, manifest, find_function(manifest));
    const JobLine line = read_job(work_dir, job.isubmission, job.index);
    WorkerExit exit_code = worker_committed;
    if (!manifest.is_pulled || line.is_only) {
        exit_code = run_listed(work, line.chunks);
    } else {
        ClaimedChunks chunks(work_dir, job, first_chunks(work_dir, job, line, manifest), manifest);
        exit_code = run_pulled(work, chunks,
                               JobTime(Seconds{manifest.max_job_time}, Seconds{manifest.walltime}), begin);
    }
    const WorkerExit settled = work.finish();
    return exit_code == worker_committed ? settled : exit_code;
}

}  // namespace qmr::detail
