#include "cli/child_process.hpp"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace qmr::cli {

namespace {

/// What the child needs to know, and where it leaves why there is no command.
struct Start {
    char* const* argv;
    ChildProcess::Streams streams;
    pid_t parent;
    volatile int error = 0;
};

// Runs in the memory of the parent, which stands still meanwhile: system calls only, and nothing that the
// parent would miss.
[[noreturn, gnu::noinline]] void become_command(Start& start) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != start.parent) ::_exit(EXIT_FAILURE);

    // Before the signals are let in: a handler of the parent would change the parent's memory.
    struct sigaction by_default {};
    by_default.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &by_default, nullptr);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);

    ::dup2(start.streams.in, STDIN_FILENO);
    ::dup2(start.streams.out, STDOUT_FILENO);
    ::dup2(start.streams.err, STDERR_FILENO);
    ::closefrom(STDERR_FILENO + 1);
    ::execvp(start.argv[0], start.argv);
    start.error = errno;
    ::_exit(EXIT_FAILURE);
}

// A function of its own, since no local variable of it is needed after vfork(2) has returned twice.
[[gnu::noinline]] pid_t start_child(Start& start) {
    // fork(2) takes longer the more memory there is, posix_spawn(3) knows nothing of PR_SET_PDEATHSIG.
    const pid_t pid = ::vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork)
    if (pid == 0) become_command(start);
    return pid;
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& argv, Streams streams) {
    std::vector<char*> arguments;
    arguments.reserve(argv.size() + 1);
    // execvp(3) takes pointers to char, which it does not change.
    for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    Start start{arguments.data(), streams, ::getpid()};

    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, &before);
    pid_ = start_child(start);
    start_error_ = pid_ < 0 ? errno : start.error;
    ::sigprocmask(SIG_SETMASK, &before, nullptr);

    if (start_error_ == 0)  // glibc 2.36 declares pidfd_open() without C linkage.
        pidfd_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    else if (pid_ > 0)
        static_cast<void>(reap());
}

ChildProcess::~ChildProcess() {
    if (pid_ <= 0) return;
    signal_group(SIGKILL);
    static_cast<void>(reap());
}

bool ChildProcess::has_ended() const {
    siginfo_t end{};
    const int looked = ::waitid(P_PID, static_cast<id_t>(pid_), &end, WEXITED | WNOHANG | WNOWAIT);
    return looked == 0 ? end.si_pid == pid_ : errno == ECHILD;
}

void ChildProcess::signal_group(int signal) const {
    ::kill(-pid_, signal);
    // It may have moved to another group.
    if (signal == SIGKILL) ::kill(pid_, signal);
}

ChildProcess::End ChildProcess::reap() {
    End end;
    int status = 0;
    pid_t reaped = 0;
    do {
        reaped = ::wait4(pid_, &status, 0, &end.used);
    } while (reaped < 0 && errno == EINTR);
    pid_ = -1;
    if (reaped < 0)
        end.exit_code = -1;
    else if (WIFSIGNALED(status))
        end.signal = WTERMSIG(status);
    else
        end.exit_code = WEXITSTATUS(status);
    return end;
}

}  // namespace qmr::cli
