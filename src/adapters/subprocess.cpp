// Boost 1.74 knows vfork(2), but switches it off unless an old POSIX is asked for. With fork(2) the page
// tables of a large process are copied for each program that is started.
#define BOOST_POSIX_HAS_VFORK 1

#include "adapters/subprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/close_range.h>
#include <array>
#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/extend.hpp>
#include <boost/process/posix.hpp>
#include <boost/process/search_path.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "ground/standard_streams.hpp"
#include "qmr/error.hpp"

namespace qmr::detail {

namespace {

namespace bp = boost::process;
using Clock = std::chrono::steady_clock;

// What happens in the child between vfork and exec: system calls only.
struct ChildSetup : bp::extend::handler {
    int in, out, err;
    pid_t parent;
    int signal_at_death;
    char** environment;  ///< null: that of this process

    template <class Executor>
    void on_setup(Executor& executor) const {
        if (environment != nullptr) executor.env = environment;
    }

    template <class Executor>
    void on_exec_setup(Executor&) const {
        ::setsid();
        ::prctl(PR_SET_PDEATHSIG, signal_at_death);
        if (::getppid() != parent) ::_exit(EXIT_FAILURE);
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        for (const int of_write : {SIGPIPE, SIGXFSZ}) ::signal(of_write, SIG_DFL);
        ::dup2(in, STDIN_FILENO);
        ::dup2(out, STDOUT_FILENO);
        ::dup2(err, STDERR_FILENO);
        if (::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
            const long limit = ::sysconf(_SC_OPEN_MAX);
            for (int descriptor = 3; descriptor < limit; ++descriptor)
                ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
        }
    }

    template <class Executor>
    void on_error(Executor& executor, const std::error_code&) const {
        if (executor.pid > 0) ::waitpid(executor.pid, nullptr, 0);
    }
};

int signal_at(Process::AtDeath at_death) {
    return at_death == Process::AtDeath::ask_to_end && !is_ignored(SIGTERM) ? SIGTERM : SIGKILL;
}

// The highest descriptors that a process could inherit would collide with 0, 1 and 2 if the caller closed
// those.
Descriptor above_standard(int descriptor) {
    Descriptor copy(::fcntl(descriptor, F_DUPFD_CLOEXEC, 3));
    if (copy.get() < 0)
        throw Error(fmt::format("cannot duplicate a descriptor: {}", std::generic_category().message(errno)));
    return copy;
}

struct Pipe {
    Descriptor source, sink;
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0)
            throw Error(fmt::format("cannot make a pipe: {}", std::generic_category().message(errno)));
        source = Descriptor(ends[0]);
        sink = Descriptor(ends[1]);
    }
};

// Reads what there is. False at the end of the stream.
bool drain(const Descriptor& source, std::string& into) {
    std::array<char, 65536> buffer;
    const ssize_t got = ::read(source.get(), buffer.data(), buffer.size());
    if (got > 0) into.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

}  // namespace

bool is_lack(int error) noexcept {
    return error == EAGAIN || error == ENOMEM || error == ENFILE || error == EMFILE;
}

ExitStatus to_status(int raw) {
    return WIFSIGNALED(raw) ? ExitStatus{0, WTERMSIG(raw)} : ExitStatus{WEXITSTATUS(raw), 0};
}

Descriptor watch_child(pid_t pid) {
    // glibc 2.36 declares pidfd_open() without C linkage.
    return Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

bool is_ignored(int signal) noexcept {
    struct sigaction action {};
    ::sigaction(signal, nullptr, &action);
    return action.sa_handler == SIG_IGN;
}

int milliseconds_until(Clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return static_cast<int>(std::clamp<long>(left, 0, 3'600'000));
}

std::string describe(const ExitStatus& status) {
    if (status.signal == 0) return fmt::format("exit code {}", status.exit_code);
    return fmt::format("killed by signal {} ({})", status.signal, ::strsignal(status.signal));
}

Process::Process(const std::vector<std::string>& argv, Streams streams,
                 const std::vector<std::string>* environment, AtDeath at_death) {
    // execve(2) takes pointers to char, which it does not change.
    std::vector<char*> variables;
    if (environment != nullptr) {
        for (const std::string& variable : *environment)
            variables.push_back(const_cast<char*>(variable.c_str()));
        variables.push_back(nullptr);
    }
    const Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    const Descriptor in = above_standard(null.get());
    const Descriptor out = above_standard(streams.out >= 0 ? streams.out : null.get());
    const Descriptor err = above_standard(streams.err >= 0 ? streams.err : null.get());
    const std::vector<std::string> arguments(argv.begin() + 1, argv.end());
    std::error_code error;
    bp::child child(bp::exe = argv.front(), bp::args = arguments, bp::posix::use_vfork,
                    ChildSetup{{},
                               in.get(),
                               out.get(),
                               err.get(),
                               ::getpid(),
                               signal_at(at_death),
                               environment == nullptr ? nullptr : variables.data()},
                    error);
    if (error)
        throw StartFailure(fmt::format("cannot start {}: {}", argv.front(), error.message()), error.value());
    pid_ = child.id();
    child.detach();
    pidfd_ = watch_child(pid_);
}

std::optional<ExitStatus> Process::ended() {
    if (!status_) {
        int raw = 0;
        const pid_t got = ::waitpid(pid_, &raw, WNOHANG);
        if (got == pid_) status_ = to_status(raw);
        // Somebody else in this program waited for all children: how this one ended is not known.
        if (got < 0 && errno == ECHILD) status_ = ExitStatus{-1, 0};
    }
    return status_;
}

ExitStatus Process::wait() {
    if (!status_) {
        int raw = 0;
        pid_t got = 0;
        do {
            got = ::waitpid(pid_, &raw, 0);
        } while (got < 0 && errno == EINTR);
        status_ = got == pid_ ? to_status(raw) : ExitStatus{-1, 0};
    }
    return *status_;
}

void Process::kill() const {
    ::kill(-pid_, SIGKILL);
}

CommandResult run_command(const std::vector<std::string>& argv, std::chrono::duration<double> time_limit,
                          int cancel, const std::vector<std::string>* environment) {
    const auto begin = Clock::now();
    const auto deadline = begin + std::chrono::duration_cast<Clock::duration>(time_limit);
    CommandResult result;
    occupy_standard_streams();
    Pipe out;
    Pipe err;
    Process process(argv, {out.sink.get(), err.sink.get()}, environment);
    out.sink.reset();
    err.sink.reset();

    // The program may end and leave a child behind that holds the pipes open, so its end counts, not theirs.
    bool out_is_open = true;
    bool err_is_open = true;
    while (out_is_open || err_is_open || !process.ended()) {
        const bool has_ended = process.ended().has_value();
        std::array<pollfd, 4> watched{pollfd{out_is_open ? out.source.get() : -1, POLLIN, 0},
                                      pollfd{err_is_open ? err.source.get() : -1, POLLIN, 0},
                                      pollfd{has_ended ? -1 : process.descriptor(), POLLIN, 0},
                                      pollfd{has_ended ? -1 : cancel, POLLIN, 0}};
        const bool is_blind = process.descriptor() < 0;
        int timeout = has_ended ? 0 : milliseconds_until(deadline);
        if (is_blind && !has_ended) timeout = std::min(timeout, milliseconds_between_looks);
        const int ready = ::poll(watched.data(), watched.size(), timeout);
        if (ready < 0 && errno != EINTR)
            throw Error(
                fmt::format("cannot wait for {}: {}", argv.front(), std::generic_category().message(errno)));
        if (has_ended && (ready == 0 || Clock::now() >= deadline)) break;
        if (watched[0].revents != 0) out_is_open = drain(out.source, result.out);
        if (watched[1].revents != 0) err_is_open = drain(err.source, result.err);
        if (!process.ended() && (Clock::now() >= deadline || watched[3].revents != 0)) {
            result.cut_short = watched[3].revents != 0;
            result.timed_out = !result.cut_short;
            process.kill();
            process.wait();
        }
    }
    result.status = process.wait();
    result.took = Clock::now() - begin;
    return result;
}

std::string last_line(const std::string& text) {
    constexpr const char* blank = " \t\r\n";
    const auto end = text.find_last_not_of(blank);
    if (end == std::string::npos) return {};
    const auto newline = text.rfind('\n', end);
    const auto begin = text.find_first_not_of(blank, newline == std::string::npos ? 0 : newline);
    return text.substr(begin, end - begin + 1);
}

std::optional<std::string> find_program(const std::string& name) {
    if (name.find('/') == std::string::npos) {
        const auto path = bp::search_path(name);
        if (path.empty()) return std::nullopt;
        return path.native();
    }
    struct stat status {};
    if (::stat(name.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || ::access(name.c_str(), X_OK) != 0)
        return std::nullopt;
    return name;
}

}  // namespace qmr::detail
