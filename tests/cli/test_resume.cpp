#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <thread>

#include "cli/command_line.hpp"
#include "full_chain/in_process.hpp"
#include "full_chain/resumed.hpp"
#include "other_processes.hpp"

using namespace qmr::test;

TEST_CASE("cli, resume: a map that Ctrl-C ended is gone on with, and all of its output comes") {
    const CommandLine line;
    const pid_t child =
        line.start({"map", "--num-chunks", "10", "--", "sh", "-c",
                    "echo x >> ran.$0; while [ $0 = 7 ] && ! [ -e go ]; do sleep 0.01; done; echo $0"},
                   "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    while (!std::filesystem::exists(line.directory() / "ran.7"))
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ::kill(child, SIGINT);
    const Ran interrupted = line.wait_for(child);
    CHECK(interrupted.signal == SIGINT);
    REQUIRE(line.work_dirs().size() == 1);
    const std::string work_dir = line.work_dirs()[0].native();
    CHECK_THAT(interrupted.err, Catch::Contains("to go on: qmr resume " + work_dir));
    line.write("go", "");
    const Ran resumed = line.run({"resume", work_dir});
    CHECK(resumed.exit_code == 0);
    CHECK(resumed.out == "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    CHECK(line.work_dirs().empty());
}

TEST_CASE("cli, resume: a map of another program is brought to its end, for that program to take") {
    const Site& site = all_sites[GENERATE(0, 1, 2, 3)];
    INFO(site.name);
    const Resumed map(site, 10);
    InProcess mapping([&] { return map.is_right() ? 0 : 1; });
    while (!std::filesystem::exists(map.chain().directory() / "ran_1"))
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ::kill(mapping.pid(), SIGKILL);
    CHECK(mapping.ended_by() == SIGKILL);
    const CommandLine line;
    const Ran ran = line.run({"resume", map.chain().work_dir().native()});
    INFO(ran.err);
    CHECK(ran.exit_code == 0);
    CHECK_THAT(ran.err, Catch::Contains("takes them: the same command with QMR_RESUME="));
    const std::size_t num_runs = map.num_runs();
    CHECK(map.is_right());
    CHECK(map.num_runs() == num_runs);
}

TEST_CASE("cli, resume: where there is no map, that is told") {
    const CommandLine line;
    const Ran ran = line.run({"resume", "nowhere"});
    CHECK(ran.exit_code == 2);
    CHECK_THAT(ran.err, Catch::Contains("/nowhere is no work_dir that can be looked at"));
    CHECK_FALSE(std::filesystem::exists(line.directory() / "nowhere"));
}

TEST_CASE("cli, resume: Ctrl-C leaves nothing running that a command has started") {
    const CommandLine line;
    const NamedPipe pipe;
    const pid_t child = line.start(
        {"map", "--", "sh", "-c", "exec 3> \"$0\"; echo ready >&3; sleep 1000; true"}, pipe.path() + "\n");
    pollfd watched{pipe.descriptor(), POLLIN, 0};
    REQUIRE(::poll(&watched, 1, -1) == 1);
    ::kill(child, SIGINT);
    CHECK(line.wait_for(child).signal == SIGINT);
    CHECK(pipe.wait_until_all_have_closed_it());
}
