// What becomes of a task that has ended its process.

#include <fmt/format.h>

#include <algorithm>

#include "ground/host.hpp"
#include "qmr/task_error.hpp"
#include "vocabulary/atomic_file.hpp"
#include "worker/attempt.hpp"
#include "worker/attempt_failed.hpp"

namespace qmr::detail {

namespace {

constexpr std::size_t max_stderr_of_attempt = 2000;

std::string describe_crash(const ExitStatus& status) {
    if (status.signal == 0) return fmt::format("the task ended its process: exit code {}", status.exit_code);
    return fmt::format("the task ended its process: {}", describe(status));
}

}  // namespace

// The task that has ended its process is tried again, or this becomes its outcome; throws when it is to
// blame somebody else. `begin_of_stderr`: what the file held before the task began; 0: not known.
void ChunkAttempt::settle_crash(const ExitStatus& status, const FileHeader& header, TaskProcess& process,
                                const OpenFiles& files, std::size_t begin_of_stderr) const {
    RunReport& report = process.shared().report();
    RecordWriter& results = process.shared().writer();
    TaskHistory& history = process.shared().history();
    if (report.itask == no_task)
        throw AttemptFailed(
            Cause::crash, fmt::format("the process ended {}before its first task: {}",
                                      report.stage == Stage::setup ? "in setup(), " : "", describe(status)));
    const std::uint64_t itask = header.first_itask + report.itask;
    if (ProgramKilled::comes_from_outside(status.signal))
        throw AttemptFailed(
            Cause::crash,
            fmt::format("{} while task {} ran, after {:.3g} s, with {} MB in use at most", describe(status),
                        itask, seconds_since_begin(), peak_memory_ / 1'000'000),
            0, status.signal);
    if (results.num_records() < report.itask)
        throw AttemptFailed(Cause::crash,
                            fmt::format("task {} ended its process and has damaged results of others: {}",
                                        itask, describe(status)));
    // A task whose outcome was written already brought the process down on its way to the next one.
    if (results.num_records() > report.itask) {
        history.clear();
        return;
    }
    const std::string message = describe_crash(status);
    history.add({Cause::crash, message, host_name(), status.signal, status.exit_code,
                 report.seconds_of_task(), report.peak_memory});
    if (history.num_crashes() <= process.retries().crash) {
        ::dprintf(files.err.get(), "qmr worker: task %zu ended its process (%s); it is tried again\n",
                  static_cast<std::size_t>(itask), describe(status).c_str());
    } else {
        const std::size_t size = size_of(files.err);
        const std::string said =
            end_of_file(work_dir_.stderr_of(ichunk_, attempt_),
                        std::min(max_stderr_of_attempt, size - std::min(size, begin_of_stderr)));
        results.write_record(RecordKind::crash,
                             FailureRecord{Cause::crash, message, said, history.attempts()}.to_json());
        history.clear();
    }
    results.flush();
}

}  // namespace qmr::detail
