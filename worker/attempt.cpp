#include "worker/attempt.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <system_error>

#include "adapters/subprocess.hpp"
#include "ground/host.hpp"
#include "vocabulary/atomic_file.hpp"
#include "worker/shared_run.hpp"

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

void flush_streams() {
    std::cout.flush();
    std::clog.flush();
    std::fflush(nullptr);
}

// The child, to its end. Its exit code means nothing: the report does.
[[noreturn]] void run_child(RunReport& report, ChunkFunction function, ChunkRun& chunk, int out, int err) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    try {
        function(chunk);
        report.state = RunReport::State::finished;
    } catch (const WriteFailure& bad) {
        report.fail(bad.what(), bad.error());
    } catch (const std::exception& bad) {
        report.fail(bad.what(), 0);
    } catch (...) {
        report.fail("the function object could not be made: an exception that is no std::exception", 0);
    }
    flush_streams();
    ::_exit(0);
}

std::string describe_crash(const ExitStatus& status) {
    if (status.signal == 0) return fmt::format("the task ended its process: exit code {}", status.exit_code);
    return fmt::format("the task ended its process: {}", describe(status));
}

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

AttemptEnd ChunkAttempt::run(ChunkFunction function) {
    if (::access(work_dir_.results(ichunk_).c_str(), F_OK) == 0) return AttemptEnd::committed;
    ExitRecord record;
    int error = 0;
    try {
        run_tasks(function);
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

void ChunkAttempt::run_tasks(ChunkFunction function) {
    const std::string chunk_path = work_dir_.chunk(ichunk_).native();
    const std::string part_path = work_dir_.part(ichunk_, attempt_).native();
    const std::string function_path = work_dir_.function().native();
    RecordReader tasks(chunk_path, FileHeader{FileKind::chunk, session_, ichunk_, 0, 0});
    const Descriptor part = create_file(part_path);
    const Descriptor out = create_file(work_dir_.stdout_of(ichunk_, attempt_));
    const Descriptor err = create_file(work_dir_.stderr_of(ichunk_, attempt_));
    SharedRun shared(part.get(), part_path.c_str());
    RecordWriter& results = shared.writer();
    RunReport& report = shared.report();
    FileHeader header = tasks.header();
    header.kind = FileKind::results;
    results.write_header(header);

    while (report.state == RunReport::State::running) {
        report.itask = no_task;
        const pid_t child = ::fork();
        if (child < 0)
            throw AttemptFailed(Cause::worker_failure,
                                fmt::format("cannot fork: {}", std::generic_category().message(errno)));
        if (child == 0) {
            ChunkRun chunk(tasks, results, function_path.c_str(),
                           FileHeader{FileKind::function, session_, 0, 0, 0},
                           static_cast<std::size_t>(results.num_records()), report.itask);
            run_child(report, function, chunk, out.get(), err.get());
        }
        int raw = 0;
        rusage usage{};
        while (::wait4(child, &raw, 0, &usage) < 0 && errno == EINTR) {
        }
        peak_memory_ = std::max(peak_memory_, static_cast<std::uint64_t>(usage.ru_maxrss) * 1024);
        if (report.state != RunReport::State::running) break;

        const ExitStatus status =
            WIFSIGNALED(raw) ? ExitStatus{0, WTERMSIG(raw)} : ExitStatus{WEXITSTATUS(raw), 0};
        if (report.itask == no_task)
            throw AttemptFailed(Cause::crash,
                                fmt::format("the process ended before its first task: {}", describe(status)));
        const std::size_t itask = static_cast<std::size_t>(header.first_itask) + report.itask;
        if (comes_from_outside(status.signal))
            throw AttemptFailed(
                Cause::crash,
                fmt::format("{} while task {} ran, after {:.3g} s, with {} MB in use at most",
                            describe(status), itask, seconds_since_begin(), peak_memory_ / 1'000'000),
                0, status.signal);
        results.abandon_record();
        // A task whose outcome was written already brought the process down on its way to the next one.
        if (results.num_records() <= report.itask)
            results.write_record(RecordKind::crash, message_to_json(describe_crash(status)));
        if (results.num_records() >= header.num_tasks) break;
    }
    if (report.state == RunReport::State::failed)
        throw AttemptFailed(Cause::worker_failure, report.message.data(), report.error);

    AttemptInfo info{attempt_, host_name(), 0, peak_memory_};
    info.seconds = seconds_since_begin();
    results.write_record(RecordKind::info, info.to_json());
    results.finish();
    commit(part.get());
}

void ChunkAttempt::commit(int part) {
    const fs::path part_path = work_dir_.part(ichunk_, attempt_);
    sync_file(part, part_path);
    remove_if_empty(work_dir_.stdout_of(ichunk_, attempt_));
    remove_if_empty(work_dir_.stderr_of(ichunk_, attempt_));
    const Commit commit = commit_file(part_path, work_dir_.results(ichunk_));
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
