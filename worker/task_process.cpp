#include "worker/task_process.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "adapters/interrupts.hpp"
#include "ground/process_tree.hpp"
#include "ground/standard_streams.hpp"
#include "qmr/task_error.hpp"
#include "worker/attempt_failed.hpp"
#include "worker/chunk_source.hpp"
#include "worker/leave_signals.hpp"

namespace qmr::detail {

namespace {

using Clock = std::chrono::steady_clock;

const char* name_of_end(Stage stage) {
    switch (stage) {
        case Stage::cleanup:
            return "cleanup()";
        case Stage::exit:
            return "exit() (static objects, atexit functions)";
        default:
            return "what came after the last task";
    }
}

// The child begins as if nobody had wanted to be told of signals.
pid_t fork_unheard() {
    const Interrupts::HeldBack held_back;
    const pid_t pid = ::fork();
    if (pid == 0) Interrupts::undo_in_child();
    return pid;
}

// Where processes or memory are used up, others may give some back; but this worker holds some itself, which
// may be what others wait for, so it does not wait for long.
pid_t fork_patiently() {
    constexpr Seconds patience{5};
    constexpr Seconds longest_wait{1};
    const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(patience);
    for (Seconds wait{0.01};; wait = std::min(wait * 2, longest_wait)) {
        const pid_t pid = fork_unheard();
        const int error = errno;
        if (pid >= 0) return pid;
        if (!is_lack(error) || Clock::now() >= deadline || told_to_leave() != 0)
            throw AttemptFailed(Cause::worker_failure,
                                fmt::format("no process for the tasks can be started: {}",
                                            std::generic_category().message(error)),
                                error);
        pollfd watched{Interrupts::descriptor(), POLLIN, 0};
        ::poll(&watched, 1,
               milliseconds_until(Clock::now() + std::chrono::duration_cast<Clock::duration>(wait)));
    }
}

}  // namespace

TaskProcess::TaskProcess(WorkDir work_dir, std::uint64_t session, ChunkFunction function, TaskRetries retries,
                         Seconds patience)
    : work_dir_(std::move(work_dir)),
      session_(session),
      function_(function),
      retries_(retries),
      patience_(patience) {
    adopt_orphans();
}

TaskProcess::~TaskProcess() {
    if (pid_ < 0) return;
    if (told_to_leave() != 0) {
        leave();
        return;
    }
    send_end(channel_);
    auto status = reap_patiently();
    const bool is_late = !status;
    if (is_late) status = kill();
    const Stage stage = shared_.report().stage;
    const char* what = name_of_end(stage);
    const bool has_ended_well = stage == Stage::exit && status->signal == 0 && status->exit_code == 0;
    if (!has_ended_well) end_descendants();
    if (const int signal = told_to_leave(); signal != 0 && is_late)
        tell_on_stderr(fmt::format("qmr worker: told to leave by {}, it did not wait for the end of {}\n",
                                   describe_leave_signal(signal), what));
    else if (is_late)
        tell_on_stderr(fmt::format("qmr worker: {} took longer than {:g} s; its process was killed\n", what,
                                   patience_.count()));
    else if (!has_ended_well)
        tell_on_stderr(fmt::format("qmr worker: {} ended its process: {}\n", what, describe(*status)));
}

ExitStatus TaskProcess::leave() {
    ask_descendants_to_end(pid_, time_to_clean_up);
    return kill();
}

ExitStatus TaskProcess::kill() {
    kill_tree(pid_);
    const ExitStatus status = reap(0).value();
    end_descendants();
    return status;
}

void TaskProcess::end_descendants() const {
    for (const std::string& process : descendants_->end())
        tell_on_stderr(
            fmt::format("qmr worker: a process that a task has left can not be ended: {}\n", process));
}

// None: it still runs.
std::optional<ExitStatus> TaskProcess::reap_patiently() {
    const auto patience = std::chrono::duration_cast<Clock::duration>(patience_);
    const auto deadline = Clock::now() + patience;
    while (true) {
        if (auto status = reap(WNOHANG)) return status;
        const int left = milliseconds_until(deadline);
        if (left == 0 || told_to_leave() != 0) return std::nullopt;
        std::array<pollfd, 2> watched{pollfd{pidfd_.get(), POLLIN, 0},
                                      pollfd{Interrupts::descriptor(), POLLIN, 0}};
        ::poll(watched.data(), watched.size(),
               pidfd_.get() < 0 ? std::min(left, milliseconds_between_looks) : left);
    }
}

std::optional<ExitStatus> TaskProcess::run(const HandOver& chunk, const OpenFiles& files,
                                           const Meanwhile& meanwhile) {
    const bool is_used = pid_ >= 0;
    if (!is_used) start(files);
    auto ended = hand_over(chunk, files, meanwhile);
    // Earlier chunks may have spoilt the process: one of their threads crashed, no descriptors are left. A
    // new one shows whether this chunk is to blame.
    if (is_used && ended && told_to_leave() == 0 && was_stopped_before_first_task()) {
        start(files);
        ended = hand_over(chunk, files, meanwhile);
    }
    return ended;
}

bool TaskProcess::was_stopped_before_first_task() {
    const RunReport& report = shared_.report();
    return report.itask == no_task && report.state != RunReport::State::finished;
}

void TaskProcess::start(const OpenFiles& files) {
    // What waits in buffers here would be written by the child as well.
    flush_streams();
    auto [ours, theirs] = make_channel();
    const pid_t parent = ::getpid();
    descendants_.emplace();
    pid_ = fork_patiently();
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(EXIT_FAILURE);
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        // The files come with the chunk, and go with it.
        for (const int file : {files.part.get(), files.out.get(), files.err.get(), ours.get()}) ::close(file);
        be_child(std::move(theirs));
    }
    channel_ = std::move(ours);
    pidfd_ = watch_child(pid_);
}

// The child, to its end. Where the tasks have failed, it ends at once, and the report tells why.
void TaskProcess::be_child(Descriptor channel) {
    RunReport& report = shared_.report();
    try {
        ChunkSource source(work_dir_, session_, shared_, std::move(channel), retries_.exception);
        // What is printed while the function object is made goes to the first chunk.
        if (source.wait() != nullptr) {
            ChunkRun run(source);
            function_(run);
        }
        report.stage = Stage::exit;
    } catch (const WriteFailure& bad) {
        report.fail(bad.what(), bad.error());
    } catch (const WorkerFailure& bad) {
        report.fail(bad.what(), EAGAIN);
    } catch (const Error& bad) {
        report.is_by_setup = report.stage == Stage::setup;
        report.fail(bad.what(), 0);
    } catch (const std::exception& bad) {
        report.is_by_setup = true;
        report.fail(bad.what(), 0);
    } catch (...) {
        report.is_by_setup = true;
        report.fail("the function object could not be made: an exception that is no std::exception", 0);
    }
    // As a program does at its end: what static objects and functions of atexit() hold back is written. The
    // stack is not unwound, so nothing of the parent's is undone.
    if (report.stage == Stage::exit) std::exit(EXIT_SUCCESS);
    flush_streams();
    ::_exit(0);
}

std::optional<ExitStatus> TaskProcess::hand_over(HandOver chunk, const OpenFiles& files,
                                                 const Meanwhile& meanwhile) {
    shared_.begin_report();
    chunk.num_done = shared_.writer().num_records();
    const bool is_there =
        send_chunk(channel_, chunk, {shared_.results_file(), files.out.get(), files.err.get()});
    // A process that a task has forked may keep the channel open after the child's end, so that is watched,
    // too.
    std::array<pollfd, 3> watched{pollfd{is_there ? channel_.get() : -1, POLLIN, 0},
                                  pollfd{pidfd_.get(), POLLIN, 0},
                                  pollfd{Interrupts::descriptor(), POLLIN, 0}};
    while (true) {
        int timeout = meanwhile();
        if (pidfd_.get() < 0 && (timeout < 0 || timeout > milliseconds_between_looks))
            timeout = milliseconds_between_looks;
        ::poll(watched.data(), watched.size(), timeout);
        if (watched[0].revents != 0) {
            if (receive_answer(channel_)) {
                descendants_->reap_adopted(pid_);
                return std::nullopt;
            }
            watched[0].fd = -1;  // the child ends, or has closed what it does not know
        }
        if (auto status = reap(WNOHANG)) {
            // The queue job is being ended, and the signal will be here soon; who has forced it is obeyed.
            if (ProgramKilled::comes_from_outside(status->signal) && status->signal != SIGKILL)
                descendants_->ask_to_end(time_to_clean_up);
            end_descendants();
            return status;
        }
        if (told_to_leave() != 0) return leave();
    }
}

// None: it still runs.
std::optional<ExitStatus> TaskProcess::reap(int options) {
    int raw = 0;
    rusage usage{};
    pid_t got = 0;
    do {
        got = ::wait4(pid_, &raw, options, &usage);
    } while (got < 0 && errno == EINTR);
    if (got == 0) return std::nullopt;
    pid_ = -1;
    pidfd_.reset();
    channel_.reset();
    RunReport& report = shared_.report();
    report.peak_memory = std::max(report.peak_memory, static_cast<std::uint64_t>(usage.ru_maxrss) * 1024);
    if (got < 0) return ExitStatus{-1, 0};  // somebody else has waited for it
    const ExitStatus status = to_status(raw);
    if (report.stage == Stage::setup && !ProgramKilled::comes_from_outside(status.signal))
        report.is_by_setup = true;
    return status;
}

}  // namespace qmr::detail
