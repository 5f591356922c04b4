// What a command has started, once the command has ended, or was ended.

#include <poll.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "cli/command_line.hpp"
#include "other_processes.hpp"
#include "wait_until.hpp"

using namespace qmr::test;

namespace {

std::vector<pid_t> pids_in(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::vector<pid_t> all;
    for (pid_t pid = 0; in >> pid;) all.push_back(pid);
    return all;
}

bool is_there(pid_t pid) {
    return ::kill(pid, 0) == 0;
}

}  // namespace

TEST_CASE("cli, map: what a command has left running may print after its end") {
    const CommandLine line;
    const Ran ran = line.run({"map", "--", "sh", "-c", "(sleep 0.3; echo late {}) & echo early {}"}, "a\n");
    CHECK(ran.exit_code == 0);
    CHECK(ran.out == "early a\nlate a\n");
    const Ran filtered =
        line.run({"map", "--", "bash", "-c", "exec > >(sed s/^/x/); seq 1 1000; exit {}"}, "0\n");
    CHECK(std::ranges::count(filtered.out, 'x') == 1000);
}

TEST_CASE("cli, map: whoever ends a map lets its commands remove what they have made") {
    const CommandLine line;
    const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP);
    const pid_t child = line.start(
        {"map", "--max-num-running", "2", "--", "sh", "-c",
         "trap 'rm made.{}; exit 1' TERM; touch made.{}; while :; do sleep 0.01; done", ":::", "a", "b"});
    wait_until([&] {
        return std::filesystem::exists(line.directory() / "made.a") &&
               std::filesystem::exists(line.directory() / "made.b");
    });
    ::kill(child, signal);
    CHECK(line.wait_for(child).signal == signal);
    CHECK_FALSE(std::filesystem::exists(line.directory() / "made.a"));
    CHECK_FALSE(std::filesystem::exists(line.directory() / "made.b"));
}

TEST_CASE("cli, map: what holds the output of a command open for ever is named, and left alone") {
    const CommandLine line;
    const Ran ran = line.run({"map", "--", "sh", "-c", "sleep 3600 & echo $!"}, "a\n");
    CHECK(ran.exit_code == 0);
    const pid_t left = std::stoi(ran.out);
    CHECK(is_there(left));
    CHECK_THAT(
        ran.err,
        Catch::Contains("qmr: task 0 (a): its command has ended, but its output is held open, and read no "
                        "more, by " +
                        std::to_string(left) + " (sleep 3600)\n"));
    ::kill(left, SIGKILL);
}

TEST_CASE("cli, map: what a command has left running is not there beside its next attempt") {
    const CommandLine line;
    const std::string script =
        "for pid in $(cat pids 2>/dev/null); do kill -0 $pid 2>/dev/null && echo $pid >> beside; done;"
        "setsid sleep 3600 >/dev/null 2>&1 & echo $! >> pids;";
    const std::string end = GENERATE("exit 1", "kill -SEGV $$", "sleep 3600");
    CAPTURE(end);
    const Ran ran =
        line.run({"map", "--retries", "2", "--timeout", "0.5", "--", "sh", "-c", script + end}, "a\n");
    CHECK(ran.exit_code == 1);
    const auto left = pids_in(line.directory() / "pids");
    CHECK(left.size() == 3);
    CHECK(std::ranges::none_of(left, is_there));
    CHECK_FALSE(std::filesystem::exists(line.directory() / "beside"));
}

TEST_CASE("cli, map: what runs for a task whose process is killed is not there beside the next attempt") {
    const CommandLine line;
    const std::string script =
        "if [ -e pids ]; then for pid in $(cat pids); do kill -0 $pid 2>/dev/null && echo $pid is there; "
        "done; "
        "echo again; exit; fi; setsid sleep 3600 >/dev/null 2>&1 & echo $! >> pids; kill -9 $PPID; sleep "
        "3600";
    const Ran ran = line.run({"map", "--", "sh", "-c", script}, "a\n");
    CHECK(ran.exit_code == 0);
    CHECK(ran.out == "again\n");
}

TEST_CASE("cli, map: a command that somebody kills is run again, since it is not known who did it") {
    const CommandLine line;
    const std::string signal = GENERATE("TERM", "KILL", "INT", "HUP", "XCPU", "USR1", "USR2", "QUIT");
    CAPTURE(signal);
    const std::string script =
        "[ -e mark ] && echo done && exit; : > mark; kill -" + signal + " $$; sleep 3600";
    const Ran ran = line.run({"map", "--", "sh", "-c", script}, "a\n");
    CHECK(ran.exit_code == 0);
    CHECK(ran.out == "done\n");
}

TEST_CASE("cli, map: a command that always kills itself fails alone, and the others have their results") {
    const CommandLine line;
    const Ran ran = line.run(
        {"map", "--num-chunks", "1", "--", "sh", "-c", "[ {} = 2 ] && kill -9 $$; echo {}"}, lines(5));
    CHECK(ran.exit_code == 1);
    CHECK(ran.out == "0\n1\n3\n4\n");
    CHECK_THAT(ran.err, Catch::Contains("killed by signal 9 (Killed) while task 2 ran"));
}

TEST_CASE("cli, map: when qmr is killed, nothing of what its commands have started runs on") {
    const int signal = GENERATE(SIGKILL, SIGQUIT);
    CAPTURE(signal);
    const CommandLine line;
    const NamedPipe pipe;
    const std::string script =
        "exec 3>'" + pipe.path() + "'; setsid sh -c 'setsid sleep 3600 & echo ready >&3; wait' & wait";
    const pid_t command = line.start({"map", "--", "sh", "-c", script}, "a\n");
    pollfd watched{pipe.descriptor(), POLLIN, 0};
    REQUIRE(::poll(&watched, 1, -1) == 1);
    ::kill(command, signal);
    CHECK(line.wait_for(command).signal == signal);
    CHECK(pipe.wait_until_all_have_closed_it());
}
