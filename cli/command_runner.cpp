#include "cli/command_runner.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <qmr/qmr.hpp>
#include <random>

#include "cli/host_name.hpp"
#include "cli/private_directory.hpp"
#include "cli/standard_streams.hpp"
#include "ground/process_tree.hpp"

namespace qmr::cli {

namespace {

constexpr std::size_t max_stderr_of_command = 2000;

std::string describe(const CommandEnd& end, double timeout) {
    switch (end.kind) {
        case CommandEnd::Kind::exited:
            return fmt::format("exit code {}", end.exit_code);
        case CommandEnd::Kind::killed_by_signal:
            return fmt::format("killed by signal {} ({})", end.signal, ::strsignal(end.signal));
        case CommandEnd::Kind::timed_out:
            return fmt::format("killed, since it ran longer than --timeout {:g}", timeout);
        case CommandEnd::Kind::stopped:
            return "killed, since too many others had failed (--halt)";
        case CommandEnd::Kind::not_started:
            break;
    }
    return end.why_not_started;
}

/// What a command has started: it may go on when the command did what it should, and is killed otherwise, so
/// that it is not there beside the next attempt.
class Started {
  public:
    ~Started() {
        if (is_left_) return;
        for (const std::string& process : descendants_.end())
            tell("qmr: a process that a command has left can not be ended: {}\n", process);
    }
    Started() = default;
    Started(const Started&) = delete;
    Started& operator=(const Started&) = delete;

    /// Lets the processes go on. When the output was cut off, gives the processes that may hold it open.
    [[nodiscard]] std::vector<std::string> leave(bool is_cut_off) {
        is_left_ = true;
        descendants_.reap_adopted();
        if (!is_cut_off) return {};
        std::vector<std::string> all = descendants_.list();
        if (all.empty()) all.emplace_back("a process that it has not started");
        return all;
    }

  private:
    detail::NewDescendants descendants_;
    bool is_left_ = false;
};

/// Holds back what asks this process to leave, while a command runs. A batch system signals all processes of
/// a queue job, and with this one its command would be killed at once; so it has the time until the worker,
/// which gets the signal as well, ends them both.
class SignalsHeldBack {
  public:
    SignalsHeldBack() {
        sigset_t set;
        ::sigemptyset(&set);
        for (int signal = 1; signal < NSIG; ++signal)
            if (ProgramKilled::comes_from_outside(signal)) ::sigaddset(&set, signal);
        ::sigprocmask(SIG_BLOCK, &set, &before_);
    }
    ~SignalsHeldBack() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
    SignalsHeldBack(const SignalsHeldBack&) = delete;
    SignalsHeldBack& operator=(const SignalsHeldBack&) = delete;

  private:
    sigset_t before_{};
};

// What is wrong with this worker is no fault of the command.
CommandEnd run_here(const std::vector<std::string>& argv, InputBytes in, const CommandLimits& limits) {
    const SignalsHeldBack held_back;
    try {
        CommandEnd end = run_command(argv, std::move(in), limits);
        if (end.is_fault_of_worker) throw WorkerFailure(end.why_not_started);
        return end;
    } catch (const BadInput&) {
        throw;
    } catch (const Error& bad) {
        throw WorkerFailure(bad.what());
    }
}

// Of a stream, wherever it is.
std::string end_of(const Printed& printed) {
    std::string text = printed.text;
    if (!printed.file.empty()) {
        std::ifstream file(printed.file, std::ios::binary);
        file.seekg(-static_cast<std::streamoff>(std::min<std::uint64_t>(printed.size, max_stderr_of_command)),
                   std::ios::end);
        text.assign(std::istreambuf_iterator<char>(file), {});
    }
    return text.size() > max_stderr_of_command ? text.substr(text.size() - max_stderr_of_command) : text;
}

}  // namespace

Stream to_stream(Printed printed) {
    return {std::move(printed.text), printed.file.native(), printed.size};
}

CommandOutput CommandRunner::run(const ForTask& task, const std::vector<std::string>& argv, InputBytes in) {
    if (use_.halt.num_failures > 0) require_not_halted(task);
    if (itask_ != task.itask) num_attempts_ = 0;
    itask_ = task.itask;
    ++num_attempts_;
    detail::adopt_orphans();
    Started started;
    CommandEnd end = run_here(argv, std::move(in), limits_for(task));
    if (end.kind == CommandEnd::Kind::killed_by_signal && ProgramKilled::comes_from_outside(end.signal)) {
        tell("{}", end_of(end.err));
        throw ProgramKilled(end.signal);
    }
    if (end.kind != CommandEnd::Kind::exited || end.exit_code != 0) fail(task, end);
    return {task.text,
            to_stream(std::move(end.out)),
            to_stream(std::move(end.err)),
            end.seconds.count(),
            end.peak_memory,
            host_name(),
            num_attempts_,
            started.leave(end.is_cut_off)};
}

void CommandRunner::require_not_halted(const ForTask& task) const {
    if (!HaltFiles(outputs_).is_halted()) return;
    FailedAttempt attempt;
    attempt.message = "not run, since too many others had failed (--halt)";
    throw TaskError(std::move(attempt), {}, FailureDetails{task.text, {}, {}, false}.to_json());
}

KeptWhere CommandRunner::where_to_keep(const ForTask& task) const {
    KeptWhere where;
    where.file_for = [this, &task](const char* stream) { return new_file(task, stream); };
    return where;
}

CommandLimits CommandRunner::limits_for(const ForTask& task) const {
    CommandLimits limits;
    limits.timeout = Seconds{use_.timeout};
    if (use_.halt.now && use_.halt.num_failures > 0)
        limits.is_to_stop = [files = HaltFiles(outputs_)] { return files.is_halted(); };
    limits.kept = where_to_keep(task);
    return limits;
}

// Two attempts at the same time are possible, and each has files of its own.
std::filesystem::path CommandRunner::new_file(const ForTask& task, const char* stream) const {
    make_private_directory(outputs_);
    return fmt::format("{}/{:09}.{:08x}.{}", outputs_, task.itask, std::random_device{}(), stream);
}

Stream CommandRunner::keep(const ForTask& task, const char* stream, const Printed& printed) const {
    if (!printed.file.empty() || printed.size == 0) return {{}, printed.file.native(), printed.size};
    KeptWhere at_once = where_to_keep(task);
    at_once.max_in_memory = 0;
    KeptBytes kept(stream, at_once);
    kept.add(printed.text);
    kept.finish();
    return to_stream(kept.hand_over());
}

void CommandRunner::fail(const ForTask& task, const CommandEnd& end) {
    FailedAttempt attempt;
    attempt.message = describe(end, use_.timeout);
    attempt.signal = end.signal;
    attempt.exit_code = end.exit_code;
    attempt.seconds = end.seconds.count();
    attempt.peak_memory = end.peak_memory;
    std::string said = end_of(end.err);
    const FailureDetails details{task.text, keep(task, "stdout", end.out), keep(task, "stderr", end.err)};
    if (use_.halt.num_failures > 0 && num_attempts_ > use_.num_retries)
        HaltFiles(outputs_).count(task.itask, use_.halt, num_failures_drawn_);
    throw TaskError(std::move(attempt), std::move(said), details.to_json());
}

}  // namespace qmr::cli
