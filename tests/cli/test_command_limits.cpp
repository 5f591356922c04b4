// Commands that do not end when they should, what they leave behind, and a parent in an unusual state.

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "cli/command_run.hpp"
#include "other_processes.hpp"
#include "temporary_directory.hpp"

using namespace qmr::cli;
using namespace qmr::test;
using Kind = CommandEnd::Kind;

namespace {

/// In the script, `idle` takes an hour and is not ended by SIGTERM where that is trapped.
CommandEnd limited_shell(const std::string& script, const CommandLimits& limits = {}) {
    const std::string idle = "idle() { for i in $(seq 36000); do sleep 0.1; done; }; ";
    return run_command({"/bin/sh", "-c", idle + script}, {}, limits);
}

CommandLimits timeout(double seconds) {
    CommandLimits limits;
    limits.timeout = qmr::Seconds(seconds);
    return limits;
}

/// To be stopped as soon as somebody has printed to the pipe.
CommandLimits stopped_by(const NamedPipe& pipe, double grace) {
    CommandLimits limits;
    limits.grace = qmr::Seconds(grace);
    limits.is_to_stop = [&pipe] {
        pollfd watched{pipe.descriptor(), POLLIN, 0};
        return ::poll(&watched, 1, 0) == 1;
    };
    return limits;
}

std::size_t num_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// From now on this process sees a kernel that has neither pidfd_open(2) nor close_range(2).
void pretend_that_the_kernel_is_old() {
    std::array<sock_filter, 5> program{{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                                        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 1, 0),
                                        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
                                        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                                        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}};
    const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0 ||
        ::syscall(SYS_pidfd_open, ::getpid(), 0) >= 0)
        std::abort();
}

}  // namespace

TEST_CASE("cli: a command that takes too long is asked to end") {
    const CommandEnd end = limited_shell("echo begun; exec sleep 3600", timeout(0.5));
    CHECK(end.kind == Kind::timed_out);
    CHECK(end.signal == SIGTERM);
    CHECK(end.seconds.count() >= 0.5);
}

TEST_CASE("cli: a command that prints for ever is ended when it takes too long") {
    CommandLimits limits = timeout(0.3);
    limits.kept.max_in_memory = 1000;
    const TemporaryDirectory directory;
    limits.kept.file_for = [&](const char* stream) {
        return std::filesystem::path((directory / stream).native());
    };
    const CommandEnd end = limited_shell("while :; do echo y; done", limits);
    CHECK(end.kind == Kind::timed_out);
}

TEST_CASE("cli: a command that ends in time is not timed out") {
    const CommandEnd end = limited_shell("exit 4", timeout(60));
    CHECK(end.kind == Kind::exited);
    CHECK(end.exit_code == 4);
}

TEST_CASE("cli: a command that does not want to end is killed") {
    const NamedPipe pipe;
    const CommandEnd end =
        limited_shell("trap '' TERM; echo ready >'" + pipe.path() + "'; idle", stopped_by(pipe, 0.2));
    CHECK(end.kind == Kind::stopped);
    CHECK(end.signal == SIGKILL);
}

TEST_CASE("cli: a command that is stopped can say why it ends, and so can what it has started") {
    const NamedPipe pipe;
    const CommandEnd end = limited_shell("(trap 'sleep 0.3; echo saved; exit' TERM; echo ready >'" +
                                             pipe.path() + "'; idle) & exec sleep 3600",
                                         stopped_by(pipe, 3600));
    CHECK(end.kind == Kind::stopped);
    CHECK(end.signal == SIGTERM);
    CHECK(end.out.text == "saved\n");
}

TEST_CASE("cli: a command is stopped with all that it has started, though that does not want to end") {
    const std::string streams = GENERATE("", "exec >&- 2>&-; ");
    CAPTURE(streams);
    const NamedPipe pipe;
    const CommandEnd end = limited_shell("exec 3>'" + pipe.path() + "'; sleep 3600 & (trap '' TERM; " +
                                             streams + "echo ready >&3; idle) & exec sleep 3600",
                                         stopped_by(pipe, 0.2));
    CHECK(end.kind == Kind::stopped);
    CHECK(pipe.wait_until_all_have_closed_it());
}

TEST_CASE("cli: while a command runs it is asked about once a second whether it is to be stopped") {
    int num_questions = 0;
    CommandLimits limits;
    limits.is_to_stop = [&] {
        ++num_questions;
        return false;
    };
    const CommandEnd end = limited_shell("sleep 1.3", limits);
    CHECK(end.kind == Kind::exited);
    CHECK(num_questions >= 1);
    CHECK(num_questions <= end.seconds.count());
}

TEST_CASE("cli: a command is killed with all that it has started when the caller gives up") {
    const NamedPipe pipe;
    CommandLimits limits;
    limits.is_to_stop = []() -> bool { throw std::runtime_error("had enough"); };
    CHECK_THROWS_WITH(limited_shell("exec 3>'" + pipe.path() + "'; sleep 3600 & sleep 3600", limits),
                      "had enough");
    CHECK(pipe.wait_until_all_have_closed_it());
}

TEST_CASE("cli: a command that ends before it could be stopped has ended by itself") {
    CommandLimits limits;
    limits.is_to_stop = [] {
        siginfo_t ended{};
        return ::waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT) == 0;
    };
    const CommandEnd end = limited_shell("sleep 1.3; exit 6", limits);
    CHECK(end.kind == Kind::exited);
    CHECK(end.exit_code == 6);
}

TEST_CASE("cli: what a command has left running may print on, and pause, until it is quiet") {
    CommandLimits limits;
    limits.quiet = qmr::test::patience;
    const CommandEnd end =
        limited_shell("(for i in 1 2 3; do sleep 0.2; echo $i; done) & echo first; exit 3", limits);
    CHECK(end.out.text == "first\n1\n2\n3\n");
    CHECK_FALSE(end.is_cut_off);
    CHECK(end.exit_code == 3);
}

TEST_CASE("cli: a command that ends has ended, though what it leaves behind holds its streams open") {
    CommandLimits limits;
    limits.quiet = qmr::Seconds{0.2};
    const CommandEnd end = limited_shell("sleep 3600 & echo $!", limits);
    const pid_t left_behind = std::atoi(end.out.text.c_str());
    REQUIRE(left_behind > 1);
    CHECK(::kill(left_behind, SIGKILL) == 0);
    CHECK(end.kind == Kind::exited);
    CHECK(end.exit_code == 0);
    CHECK(end.is_cut_off);
}

TEST_CASE("cli: a command that ends has ended, though what it leaves behind prints for ever") {
    CommandLimits limits;
    limits.late = qmr::Seconds{0.1};
    limits.kept.max_in_memory = 1000;
    const TemporaryDirectory directory;
    limits.kept.file_for = [&](const char* stream) {
        return std::filesystem::path((directory / stream).native());
    };
    // It gets SIGPIPE as soon as nobody reads it any more.
    const CommandEnd end = limited_shell("yes & exit 7", limits);
    CHECK(end.exit_code == 7);
    CHECK(end.is_cut_off);
}

TEST_CASE("cli: a command has three descriptors, and none is lost by running it") {
    const int inherited = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
    REQUIRE(::fcntl(inherited, F_DUPFD, 700) >= 700);
    const std::size_t before = num_descriptors();
    for (const char* in : {"", "input"}) {
        const CommandEnd end = run_command({"ls", "/proc/self/fd"}, in, {});
        CHECK(end.out.text == "0\n1\n2\n3\n");  // 3: the directory that ls reads
    }
    CHECK(run_command({"no_such_program_of_qmr"}, "input", {}).kind == Kind::not_started);
    CHECK(num_descriptors() == before);
    ::close(inherited);
    ::close(700);
}

TEST_CASE("cli: a command runs though the standard descriptors of this process are closed") {
    const int first_closed = GENERATE(0, 1, 2);
    const int last_closed = GENERATE(0, 1, 2);
    const std::string in = GENERATE("", "in\n");
    CAPTURE(first_closed, last_closed, in);
    CHECK(in_child([&] {
              for (int descriptor = first_closed; descriptor <= last_closed; ++descriptor)
                  ::close(descriptor);
              const CommandEnd end = run_command({"/bin/sh", "-c", "cat; echo out; echo err >&2"}, in, {});
              return end.out.text == in + "out\n" && end.err.text == "err\n" ? 0 : 1;
          }) == 0);
}

TEST_CASE("cli: a command does not inherit what this process does with signals, which goes on") {
    const bool is_blocking = GENERATE(false, true);
    CHECK(
        in_child([&] {
            ::signal(SIGPIPE, SIG_IGN);
            ::signal(SIGRTMAX, SIG_IGN);
            ::signal(SIGTERM, [](int) {});
            sigset_t mask;
            if (is_blocking) {
                ::sigfillset(&mask);
                ::sigprocmask(SIG_SETMASK, &mask, nullptr);
            }
            const CommandEnd end = run_command({"grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status"}, {}, {});
            ::sigprocmask(SIG_SETMASK, nullptr, &mask);
            if (::sigismember(&mask, SIGTERM) != static_cast<int>(is_blocking)) return 1;
            return end.out.text == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n" ? 0 : 2;
        }) == 0);
}

TEST_CASE("cli: a command that prints to a pipe that nobody reads dies quietly") {
    CHECK(in_child([&] {
              ::signal(SIGPIPE, SIG_IGN);
              const CommandEnd piped = limited_shell("yes | head -1");
              const CommandEnd killed = limited_shell("kill -PIPE $$");
              return piped.out.text == "y\n" && piped.err.size == 0 && killed.signal == SIGPIPE ? 0 : 1;
          }) == 0);
}

TEST_CASE("cli: a command runs on an old kernel") {
    CHECK(in_child([] {
              const int inherited = ::open("/dev/null", O_RDONLY);
              ::fcntl(inherited, F_DUPFD, 700);
              pretend_that_the_kernel_is_old();
              return run_command({"ls", "/proc/self/fd"}, {}, {}).out.text == "0\n1\n2\n3\n" &&
                             run_command({"no_such_program_of_qmr"}, {}, {}).kind == Kind::not_started &&
                             limited_shell("exec >&- 2>&-; sleep 0.1; exit 5").exit_code == 5 &&
                             limited_shell("sleep 3600", timeout(0.1)).kind == Kind::timed_out
                         ? 0
                         : 1;
          }) == 0);
}

TEST_CASE("cli: a command ends though this process does not want to hear of its children") {
    const bool is_old = GENERATE(false, true);
    CAPTURE(is_old);
    CHECK(in_child([&] {
              if (is_old) pretend_that_the_kernel_is_old();
              ::signal(SIGCHLD, SIG_IGN);
              const CommandEnd end = limited_shell("echo out; exit 3");
              return end.kind == Kind::exited && end.exit_code == -1 && end.out.text == "out\n" ? 0 : 1;
          }) == 0);
}

TEST_CASE("cli: other children of this process are left alone") {
    const pid_t other = ::fork();
    if (other == 0) ::_exit(9);
    CHECK(limited_shell("exit 3").exit_code == 3);
    int status = 0;
    REQUIRE(::waitpid(other, &status, 0) == other);
    CHECK(WEXITSTATUS(status) == 9);
}

TEST_CASE("cli: a command dies with the process that runs it") {
    const NamedPipe pipe;
    const pid_t child = ::fork();
    if (child == 0) {
        static_cast<void>(limited_shell("exec 3>'" + pipe.path() + "'; echo ready >&3; exec sleep 3600"));
        ::_exit(0);
    }
    pollfd watched{pipe.descriptor(), POLLIN, 0};
    CHECK(::poll(&watched, 1, -1) == 1);
    ::kill(child, SIGKILL);
    CHECK(::waitpid(child, nullptr, 0) == child);
    CHECK(pipe.wait_until_all_have_closed_it());
}
