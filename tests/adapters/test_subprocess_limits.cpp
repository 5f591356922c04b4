// Programs that do not end when they should, and a parent in an unusual state.

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>

#include "adapters/subprocess.hpp"
#include "other_processes.hpp"
#include "temporary_directory.hpp"
#include "wait_until.hpp"

using namespace qmr::detail;
using namespace qmr::test;

TEST_CASE("a program that takes too long is killed") {
    const CommandResult result =
        run_command({"/bin/sh", "-c", "echo begun; exec sleep 3600"}, std::chrono::milliseconds(500));
    CHECK(result.timed_out);
    CHECK(result.status.signal == SIGKILL);
    CHECK(result.took.count() >= 0.5);
}

TEST_CASE("a program that prints for ever is killed when it takes too long") {
    const CommandResult result =
        run_command({"/bin/sh", "-c", "while :; do echo y; done"}, std::chrono::milliseconds(200));
    CHECK(result.timed_out);
    CHECK(result.status.signal == SIGKILL);
    CHECK_THAT(result.out, Catch::StartsWith("y\n"));
}

TEST_CASE("a program is killed with all that it has started, as soon as it is cancelled") {
    const NamedPipe pipe;
    const std::string script =
        "exec 3>'" + pipe.path() + "'; sleep 3600 & (sleep 3600) & echo ready >&3; sleep 3600";
    const CommandResult result = run_command({"/bin/sh", "-c", script}, patience, pipe.descriptor());
    CHECK(result.cut_short);
    CHECK_FALSE(result.timed_out);
    CHECK(result.status.signal == SIGKILL);
    CHECK(result.took < patience);
    CHECK(pipe.wait_until_all_have_closed_it());
}

TEST_CASE("a program that ends counts as ended, though what it has started holds its pipes open") {
    const CommandResult result = run_command({"/bin/sh", "-c", "sleep 3600 & echo $!"}, patience);
    const pid_t left_behind = std::atoi(result.out.c_str());
    REQUIRE(left_behind > 1);
    CHECK(::kill(left_behind, SIGKILL) == 0);
    CHECK_FALSE(result.timed_out);
    CHECK(result.status.exit_code == 0);
}

TEST_CASE("a program that ends counts as ended, though what it has started prints for ever") {
    // It gets SIGPIPE as soon as nobody reads it any more.
    const CommandResult result = run_command({"/bin/sh", "-c", "cat /dev/zero & exit 7"}, patience);
    CHECK(result.status.exit_code == 7);
}

TEST_CASE("a program inherits no descriptor but the standard ones") {
    const int inherited = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
    REQUIRE(::fcntl(inherited, F_DUPFD, 700) >= 700);
    const CommandResult result = run_command({"/bin/ls", "/proc/self/fd"}, patience);
    ::close(inherited);
    ::close(700);
    CHECK(result.out == "0\n1\n2\n3\n");  // 3: the directory that ls reads
}

TEST_CASE("programs can be run though the standard descriptors of this process are closed") {
    const int first_closed = GENERATE(0, 1, 2);
    const int last_closed = GENERATE(0, 1, 2);
    CAPTURE(first_closed, last_closed);
    CHECK(in_child([&] {
              for (int descriptor = first_closed; descriptor <= last_closed; ++descriptor)
                  ::close(descriptor);
              const CommandResult result =
                  run_command({"/bin/sh", "-c", "cat; echo out; echo err >&2"}, patience);
              return result.out == "out\n" && result.err == "err\n" ? 0 : 1;
          }) == 0);
}

TEST_CASE("programs can be run though this process ignores and blocks signals") {
    CHECK(in_child([] {
              ::signal(SIGPIPE, SIG_IGN);
              sigset_t all;
              ::sigfillset(&all);
              ::sigprocmask(SIG_SETMASK, &all, nullptr);
              const auto killed = run_command({"/bin/sh", "-c", "kill -TERM $$; echo not killed"}, patience);
              const auto piped = run_command({"/bin/sh", "-c", "kill -PIPE $$; echo not killed"}, patience);
              return killed.status.signal == SIGTERM && piped.status.signal == SIGPIPE ? 0 : 1;
          }) == 0);
}

TEST_CASE("a process that was started is seen to end, and its streams go where they should") {
    const TemporaryDirectory directory;
    const Descriptor out = create_file(directory / "out");
    Process process({"/bin/sh", "-c", "echo out; echo err >&2; exit 5"}, {out.get(), -1});
    CHECK(process.pid() > 1);
    if (process.descriptor() >= 0) {
        pollfd watched{process.descriptor(), POLLIN, 0};
        CHECK(::poll(&watched, 1, -1) == 1);
    }
    CHECK(process.wait().exit_code == 5);
    CHECK(process.ended()->exit_code == 5);
    CHECK(read_file(directory / "out") == "out\n");
}

TEST_CASE("a process that runs is not ended until it is killed") {
    Process process({"/bin/sleep", "60"}, {});
    CHECK_FALSE(process.ended());
    process.kill();
    CHECK(process.wait().signal == SIGKILL);
}

TEST_CASE("a process dies with the one that started it") {
    const NamedPipe pipe;
    CHECK(in_child([&] {
              const Process process(
                  {"/bin/sh", "-c", "exec 3>'" + pipe.path() + "'; echo ready >&3; exec sleep 3600"}, {});
              pollfd watched{pipe.descriptor(), POLLIN, 0};
              return ::poll(&watched, 1, -1) == 1 ? 0 : 1;
          }) == 0);
    CHECK(pipe.wait_until_all_have_closed_it());
}

// A qsub that went on would submit after all the queue jobs of its map have been deleted.
TEST_CASE("a command dies with the process that waits for it") {
    const NamedPipe pipe;
    const pid_t child = ::fork();
    if (child == 0) {
        static_cast<void>(run_command(
            {"/bin/sh", "-c", "exec 3>'" + pipe.path() + "'; echo ready >&3; exec sleep 3600"}, patience));
        ::_exit(0);
    }
    pollfd watched{pipe.descriptor(), POLLIN, 0};
    CHECK(::poll(&watched, 1, -1) == 1);
    ::kill(child, SIGKILL);
    CHECK(::waitpid(child, nullptr, 0) == child);
    CHECK(pipe.wait_until_all_have_closed_it());
}
