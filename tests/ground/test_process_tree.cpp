#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <functional>
#include <string>

#include "adapters/subprocess.hpp"
#include "ground/process_tree.hpp"
#include "other_processes.hpp"
#include "temporary_directory.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {

// Blocks until it is.
bool is_written_to(const NamedPipe& pipe) {
    pollfd watched{pipe.descriptor(), POLLIN, 0};
    return ::poll(&watched, 1, -1) == 1;
}

}  // namespace

TEST_CASE("a tree is killed while other processes come and go") {
    Process others({"/bin/sh", "-c", "while :; do /bin/true; /bin/true & done"}, {});
    for (int i = 0; i < 300; ++i) {
        Process process({"/bin/sleep", "1000"}, {});
        REQUIRE_NOTHROW(kill_tree(process.pid()));
        CHECK(process.wait().signal == SIGKILL);
    }
    kill_tree(others.pid());
    CHECK(others.wait().signal == SIGKILL);
}

TEST_CASE("a process is killed with all that it has started, in whichever process group that is") {
    const NamedPipe pipe;
    // The innermost one has a session of its own, and the pipe.
    Process process(
        {"/bin/sh", "-c",
         "setsid sh -c 'exec 3>\"$0\"; echo ready >&3; sleep 1000; true' '" + pipe.path() + "' & wait; true"},
        {});
    REQUIRE(is_written_to(pipe));
    kill_tree(process.pid());
    CHECK(process.wait().signal == SIGKILL);
    CHECK(pipe.wait_until_all_have_closed_it());
}

TEST_CASE("what a process has started is asked to end, and can clean up before the process is killed") {
    const TemporaryDirectory directory;
    const NamedPipe pipe;
    Process process({"/bin/sh", "-c",
                     "setsid sh -c 'exec 3>\"$0\"; trap \"sleep 0.1; echo clean > $1; exit\" TERM; echo "
                     "ready >&3; while :; "
                     "do sleep 0.01; done' '" +
                         pipe.path() + "' '" + (directory / "clean").native() + "' & wait; true"},
                    {});
    REQUIRE(is_written_to(pipe));
    ask_descendants_to_end(process.pid(), std::chrono::hours(1));
    CHECK(fs::exists(directory / "clean"));
    kill_tree(process.pid());
    CHECK(process.wait().signal == SIGKILL);
}

TEST_CASE("what does not heed that it is asked to end is waited for no longer than was said") {
    const NamedPipe pipe;
    Process process(
        {"/bin/sh", "-c",
         "sh -c 'trap \"\" TERM; exec 3>\"$0\"; echo ready >&3; sleep 1000' '" + pipe.path() + "'; true"},
        {});
    REQUIRE(is_written_to(pipe));
    ask_descendants_to_end(process.pid(), std::chrono::milliseconds(50));
    kill_tree(process.pid());
    CHECK(process.wait().signal == SIGKILL);
    CHECK(pipe.wait_until_all_have_closed_it());
}

TEST_CASE("a program has no terminal, so that what asks there for a password fails at once") {
    const TemporaryDirectory directory;
    const auto result = run_command({"/bin/sh", "-c", "read password < /dev/tty; echo $?; ps -o tty= -p $$"},
                                    std::chrono::hours(1));
    CHECK_THAT(result.err, Catch::Contains("/dev/tty"));
    CHECK_THAT(result.out, !Catch::StartsWith("0"));
    Process process({"/bin/sleep", "1000"}, {});
    CHECK(::getsid(process.pid()) == process.pid());
    kill_tree(process.pid());
    process.wait();
}

namespace {

/// What a child that adopts orphans sees. Exit code 0: as it should be.
int in_adopting_child(const std::function<bool()>& body) {
    return in_child([&] {
        adopt_orphans();
        return body() ? 0 : 1;
    });
}

// The program is gone, and what it has left has the pipe.
void leave_behind(const NamedPipe& pipe, const std::string& what) {
    Process process({"/bin/sh", "-c",
                     "(setsid sh -c 'exec 3>\"$0\"; echo ready >&3; " + what + "' '" + pipe.path() + "' &)"},
                    {});
    process.wait();
    static_cast<void>(is_written_to(pipe));
}

}  // namespace

TEST_CASE("what has lost its parent is killed, and what is older stays") {
    const NamedPipe old;
    const NamedPipe young;
    CHECK(in_adopting_child([&] {
              const NewDescendants all;
              leave_behind(old, "sleep 3600; true");
              const NewDescendants descendants;
              leave_behind(young, "sleep 3600; true");
              if (descendants.list().empty()) return false;
              if (!descendants.end().empty() || !descendants.list().empty()) return false;
              if (!young.wait_until_all_have_closed_it()) return false;
              pollfd watched{old.descriptor(), 0, 0};
              if (::poll(&watched, 1, 0) != 0) return false;
              return all.end().empty();
          }) == 0);
    CHECK(old.wait_until_all_have_closed_it());
}

TEST_CASE("what is forked while others are killed is killed as well") {
    const NamedPipe pipe;
    CHECK(in_adopting_child([&] {
              const NewDescendants descendants;
              leave_behind(pipe, "while :; do (sleep 3600 &) ; sleep 0.001; done");
              return descendants.end().empty() && descendants.list().empty();
          }) == 0);
    CHECK(pipe.wait_until_all_have_closed_it());
}

TEST_CASE("of what was adopted and has ended nothing stays, and a child of its own is not reaped") {
    const NamedPipe pipe;
    CHECK(in_adopting_child([&] {
              const NewDescendants descendants;
              leave_behind(pipe, "exit");
              while (::waitid(P_ALL, 0, nullptr, WEXITED | WNOWAIT) != 0) continue;
              descendants.reap_adopted();
              if (::waitpid(-1, nullptr, WNOHANG) != -1) return false;
              const pid_t own = ::fork();
              if (own == 0) ::_exit(7);
              siginfo_t ended{};
              ::waitid(P_PID, static_cast<id_t>(own), &ended, WEXITED | WNOWAIT);
              descendants.reap_adopted(own);
              int status = 0;
              return ::waitpid(own, &status, 0) == own && WEXITSTATUS(status) == 7;
          }) == 0);
}
