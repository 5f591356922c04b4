#include "worker/attempt.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <optional>

#include "ground/host.hpp"
#include "vocabulary/atomic_file.hpp"

namespace qmr::detail {

namespace {

/// The tasks could not be run to the end, by no fault of theirs.
class AttemptFailed : public Error {
  public:
    AttemptFailed(Cause cause, const std::string& message, int error = 0, int signal = 0)
        : Error(message), cause_(cause), error_(error), signal_(signal) {}
    [[nodiscard]] Cause cause() const noexcept { return cause_; }
    [[nodiscard]] int error() const noexcept { return error_; }
    [[nodiscard]] int signal() const noexcept { return signal_; }

  private:
    Cause cause_;
    int error_;
    int signal_;
};

bool is_out_of_space(int error) {
    return error == ENOSPC || error == EDQUOT;
}

// Signals by which somebody else ends a process: a batch system, an administrator, the kernel for want of
// memory.
bool comes_from_outside(int signal) {
    constexpr std::array outside{SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGXCPU, SIGUSR1, SIGUSR2};
    return std::find(outside.begin(), outside.end(), signal) != outside.end();
}

std::string describe_crash(const ExitStatus& status) {
    if (status.signal == 0) return fmt::format("the task ended its process: exit code {}", status.exit_code);
    return fmt::format("the task ended its process: {}", describe(status));
}

// To be called when it is open nowhere: NFS keeps such a file under another name.
void remove_if_empty(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && status.st_size == 0) ::unlink(path.c_str());
}

}  // namespace

ChunkAttempt::ChunkAttempt(WorkDir work_dir, std::uint64_t session, std::size_t ichunk, JobKey job)
    : work_dir_(std::move(work_dir)),
      session_(session),
      ichunk_(ichunk),
      attempt_{job, fmt::format("{:08x}", random_bits() & 0xFFFF'FFFFU)} {}

AttemptEnd ChunkAttempt::run(TaskProcess& process) {
    if (::access(work_dir_.results(ichunk_).c_str(), F_OK) == 0) return AttemptEnd::committed;
    ExitRecord record;
    int error = 0;
    try {
        run_tasks(process);
        return AttemptEnd::committed;
    } catch (const AttemptFailed& bad) {
        record.cause = bad.cause();
        record.message = bad.what();
        record.signal = bad.signal();
        error = bad.error();
    } catch (const WriteFailure& bad) {
        record.message = bad.what();
        error = bad.error();
    } catch (const std::exception& bad) {
        record.message = bad.what();
    }
    process.shared().close_results();
    ::unlink(work_dir_.part(ichunk_, attempt_).c_str());
    remove_if_empty(work_dir_.stdout_of(ichunk_, attempt_));
    remove_if_empty(work_dir_.stderr_of(ichunk_, attempt_));
    record.host = host_name();
    record.seconds = seconds_since_begin();
    record.peak_memory = peak_memory_;
    try {
        write_exit_record(record);
    } catch (const std::exception&) {
        // The disk that has no room for results may have none for this.
        std::fprintf(stderr, "qmr worker: %s\n", record.message.c_str());
    }
    return is_out_of_space(error) ? AttemptEnd::disk_full : AttemptEnd::failed;
}

double ChunkAttempt::seconds_since_begin() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
}

void ChunkAttempt::write_exit_record(const ExitRecord& record) const {
    write_file(work_dir_.exit_record(ichunk_, attempt_), record.to_json() + "\n");
}

void ChunkAttempt::run_tasks(TaskProcess& process) {
    const FileHeader expected{FileKind::chunk, session_, ichunk_, 0, 0};
    FileHeader header = RecordReader(work_dir_.chunk(ichunk_).native(), expected).header();
    header.kind = FileKind::results;
    const fs::path part = work_dir_.part(ichunk_, attempt_);
    AttemptFiles files{create_file(part), create_file(work_dir_.stdout_of(ichunk_, attempt_)),
                       create_file(work_dir_.stderr_of(ichunk_, attempt_))};
    process.shared().begin_results(files.part.get(), part.native());
    RecordWriter& results = process.shared().writer();
    results.write_header(header);

    do {
        const std::optional<ExitStatus> ended = process.run(ichunk_, files);
        const RunReport& report = process.shared().report();
        peak_memory_ = std::max(peak_memory_, report.peak_memory);
        if (report.state == RunReport::State::finished) break;
        if (report.state == RunReport::State::failed)
            throw AttemptFailed(Cause::worker_failure, report.message.data(), report.error);
        settle_crash(ended.value(), report, header, results);
    } while (results.num_records() < header.num_tasks);

    AttemptInfo info{attempt_, host_name(), 0, peak_memory_};
    info.seconds = seconds_since_begin();
    results.write_record(RecordKind::info, info.to_json());
    results.finish();
    sync_file(process.shared().results_file(), part);
    process.shared().close_results();
    files = {};
    commit();
}

// Names the task that has ended its process; throws when it is to blame somebody else.
void ChunkAttempt::settle_crash(const ExitStatus& status, const RunReport& report, const FileHeader& header,
                                RecordWriter& results) const {
    if (report.itask == no_task)
        throw AttemptFailed(
            Cause::crash, fmt::format("the process ended {}before its first task: {}",
                                      report.stage == Stage::setup ? "in setup(), " : "", describe(status)));
    if (comes_from_outside(status.signal))
        throw AttemptFailed(
            Cause::crash,
            fmt::format("{} while task {} ran, after {:.3g} s, with {} MB in use at most", describe(status),
                        header.first_itask + report.itask, seconds_since_begin(), peak_memory_ / 1'000'000),
            0, status.signal);
    results.abandon_record();
    // A task whose outcome was written already brought the process down on its way to the next one.
    if (results.num_records() <= report.itask)
        results.write_record(RecordKind::crash,
                             FailureRecord{Cause::crash, describe_crash(status), {}, {}}.to_json());
}

void ChunkAttempt::commit() const {
    remove_if_empty(work_dir_.stdout_of(ichunk_, attempt_));
    remove_if_empty(work_dir_.stderr_of(ichunk_, attempt_));
    const Commit commit = commit_file(work_dir_.part(ichunk_, attempt_), work_dir_.results(ichunk_));
    if (commit == Commit::was_there) {
        ::unlink(work_dir_.stdout_of(ichunk_, attempt_).c_str());
        ::unlink(work_dir_.stderr_of(ichunk_, attempt_).c_str());
        return;
    }
    try {
        sync_directory(work_dir_.path());
    } catch (const Error& bad) {
        // The results are there all the same, unless the power fails in the next seconds.
        std::fprintf(stderr, "qmr worker: %s\n", bad.what());
    }
}

}  // namespace qmr::detail
