#include "worker/attempt.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "ground/host.hpp"
#include "ground/standard_streams.hpp"
#include "vocabulary/atomic_file.hpp"
#include "worker/attempt_failed.hpp"
#include "worker/leave_signals.hpp"
#include "worker/take_over.hpp"

namespace qmr::detail {

namespace {

AttemptEnd end_of_failed(int error) {
    if (error == ENOSPC || error == EDQUOT) return AttemptEnd::disk_full;
    return is_lack(error) ? AttemptEnd::no_room : AttemptEnd::failed;
}

// Brings to the file what it has room for. Gives the number of records in it.
template <class Complain>
std::uint64_t save_results(RecordWriter& results, Complain complain) {
    results.recover();
    try {
        results.flush();
    } catch (const WriteFailure& bad) {
        complain(bad);
        results.cut();
    }
    return results.num_records_in_file();
}

// To be called when it is open nowhere: NFS keeps such a file under another name.
void remove_if_empty(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && status.st_size == 0) ::unlink(path.c_str());
}

}  // namespace

ChunkAttempt::ChunkAttempt(WorkDir work_dir, std::uint64_t session, std::size_t ichunk, JobKey job,
                           Seconds settling_time)
    : work_dir_(std::move(work_dir)),
      session_(session),
      ichunk_(ichunk),
      attempt_{job, fmt::format("{:08x}", random_bits() & 0xFFFF'FFFFU)},
      mark_(settling_time) {}

AttemptEnd ChunkAttempt::run(TaskProcess& process, const TaskProcess::Meanwhile& meanwhile) {
    if (::access(work_dir_.results(ichunk_).c_str(), F_OK) == 0) return AttemptEnd::committed;
    return try_to([&] { return run_tasks(process, meanwhile); }, &process.shared());
}

Settling::Time ChunkAttempt::settled_at() const {
    return mark_.end();
}

AttemptEnd ChunkAttempt::settle() {
    return try_to(
        [&] {
            if (const int signal = told_to_leave(); signal != 0)
                throw AttemptFailed(Cause::vanished,
                                    fmt::format("told to leave by {} less than {:g} s after its last task",
                                                describe_leave_signal(signal), mark_.settling_time().count()),
                                    0, signal);
            const fs::path part = work_dir_.part(ichunk_, attempt_);
            mark_.set(num_outcomes_);
            sync_file(files_.part.get(), part);
            files_ = {};
            commit();
            return AttemptEnd::committed;
        },
        nullptr);
}

// What goes wrong is told, and what there is by then is kept. `shared`: null when the results are whole.
template <class Work>
AttemptEnd ChunkAttempt::try_to(Work work, SharedRun* shared) {
    ExitRecord record;
    int error = 0;
    try {
        return work();
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
    record.is_by_setup = shared != nullptr && shared->report().is_by_setup;
    record.num_records = keep_results(shared, record);
    remove_if_empty(work_dir_.stdout_of(ichunk_, attempt_));
    remove_if_empty(work_dir_.stderr_of(ichunk_, attempt_));
    record.host = host_name();
    record.seconds = seconds_since_begin();
    record.peak_memory = peak_memory_;
    tell(record);
    if (told_to_leave() != 0) return AttemptEnd::told_to_leave;
    return end_of_failed(error);
}

// What the tasks have got done stays for the next attempt, unless this one has brought nothing new. Gives the
// number of records that stay; what goes wrong here is added to the message.
std::uint64_t ChunkAttempt::keep_results(SharedRun* shared, ExitRecord& record) {
    std::string& message = record.message;
    const fs::path part = work_dir_.part(ichunk_, attempt_);
    const auto add_to_message = [&](const Error& bad) {
        if (message != bad.what()) message += fmt::format("; {}", bad.what());
    };
    std::uint64_t num_kept = 0;
    if (is_whole_) {
        num_kept = num_outcomes_;
    } else if (num_at_begin_) {
        try {
            num_kept = std::min(save_results(shared->writer(), add_to_message), num_outcomes_);
            if (num_kept > *num_at_begin_) sync_file(shared->results_file(), part);
        } catch (const Error& bad) {
            add_to_message(bad);
        }
    }
    if (mark_.is_used()) {
        mark_.wait(num_kept);
        record.num_uncounted = num_kept - std::min(num_kept, mark_.num_outcomes());
        num_kept -= record.num_uncounted;
    }
    if (shared != nullptr) shared->close_results();
    files_ = {};
    if (num_at_begin_ && num_kept > *num_at_begin_) return num_kept;
    ::unlink(part.c_str());
    return 0;
}

// Where the disk has no room for it, the results make way: the pool must learn what happened.
void ChunkAttempt::tell(ExitRecord& record) const {
    try {
        try {
            write_exit_record(record);
        } catch (const Error&) {
            if (record.num_records == 0) throw;
            ::unlink(work_dir_.part(ichunk_, attempt_).c_str());
            record.num_records = 0;
            write_exit_record(record);
        }
    } catch (const std::exception& bad) {
        tell_on_stderr(fmt::format("qmr worker: {}; {}\n", record.message, bad.what()));
    }
}

double ChunkAttempt::seconds_since_begin() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
}

void ChunkAttempt::write_exit_record(const ExitRecord& record) const {
    write_file(work_dir_.exit_record(ichunk_, attempt_), record.to_json() + "\n");
}

AttemptEnd ChunkAttempt::run_tasks(TaskProcess& process, const TaskProcess::Meanwhile& meanwhile) {
    const FileHeader expected{FileKind::chunk, session_, ichunk_, 0, 0};
    FileHeader header = RecordReader(work_dir_.chunk(ichunk_).native(), expected).header();
    header.kind = FileKind::results;
    if (mark_.is_used()) header.num_settled = 0;
    const fs::path part = work_dir_.part(ichunk_, attempt_);
    files_ = {create_file(part), create_file(work_dir_.stdout_of(ichunk_, attempt_)),
              create_file(work_dir_.stderr_of(ichunk_, attempt_))};
    process.shared().begin_results(files_.part.get(), part.native());
    RecordWriter& results = process.shared().writer();
    results.write_header(header);
    const TakenOver begin = take_over(work_dir_, header, results);
    num_at_begin_ = begin.num_outcomes;
    if (mark_.is_used()) mark_.begin(files_.part.get(), part.native(), results.num_records());
    const auto while_tasks_run = [&] {
        const int here = mark_.look(results.num_records());
        process.shared().report().num_settled = mark_.num_outcomes();
        const int there = meanwhile();
        return here < 0 || there < 0 ? std::max(here, there) : std::min(here, there);
    };
    while (results.num_records() < header.num_tasks) {
        const std::uint64_t num_done = results.num_records();
        throw_if_told_to_leave(header, num_done, false);
        const std::size_t size_of_stderr = size_of(files_.err);
        const std::optional<ExitStatus> ended =
            process.run({ichunk_, 0, begin.alone, mark_.is_used()}, files_, while_tasks_run);
        const RunReport& report = process.shared().report();
        peak_memory_ = std::max(peak_memory_, report.peak_memory);
        if (report.state == RunReport::State::finished) break;
        results.recover();
        if (report.state == RunReport::State::failed)
            throw AttemptFailed(Cause::worker_failure, report.message.data(), report.error);
        if (results.num_records() == header.num_tasks) break;
        throw_if_told_to_leave(header, results.num_records(), results.num_records() == report.itask);
        // What was printed before the first task of a process is not its own.
        settle_crash(ended.value(), header, process, files_, report.itask == num_done ? size_of_stderr : 0);
    }

    AttemptInfo info{attempt_, host_name(), 0, peak_memory_};
    info.seconds = seconds_since_begin();
    num_outcomes_ = results.num_records();
    results.write_record(RecordKind::info, info.to_json());
    results.finish();
    sync_file(process.shared().results_file(), part);
    process.shared().close_results();
    is_whole_ = true;
    if (mark_.is_used()) {
        mark_.look(num_outcomes_);
        for (Descriptor* file : {&files_.out, &files_.err}) file->reset();
        return AttemptEnd::settling;
    }
    files_ = {};
    commit();
    return AttemptEnd::committed;
}

// `itask`: in the chunk, the next one without an outcome.
void ChunkAttempt::throw_if_told_to_leave(const FileHeader& header, std::uint64_t itask,
                                          bool is_running) const {
    const int signal = told_to_leave();
    if (signal == 0) return;
    const std::string task = fmt::format("task {}", header.first_itask + itask);
    throw AttemptFailed(
        Cause::vanished,
        fmt::format("told to leave by {} {}, after {:.3g} s", describe_leave_signal(signal),
                    is_running ? "while " + task + " ran" : "before " + task, seconds_since_begin()),
        0, signal);
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
        tell_on_stderr(fmt::format("qmr worker: {}\n", bad.what()));
    }
}

}  // namespace qmr::detail
