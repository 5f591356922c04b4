#include <catch2/catch.hpp>

#include "cli/command_line.hpp"
#include "full_chain/resumed.hpp"

using namespace qmr;
using namespace qmr::test;
using Words = std::vector<std::string>;

namespace {

// Leaves a line for each run; odd ones fail until there is a file.
const Words odd_ones_fail{"--", "sh", "-c", "echo x >> ran.$0; echo $0; [ -e well ] || exit $(($0 % 2))"};

Words map_with(const Words& options) {
    Words words{"map"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), odd_ones_fail.begin(), odd_ones_fail.end());
    return words;
}

}  // namespace

TEST_CASE("cli, retry: failed tasks are run again, and only those") {
    CommandLine line;
    const Chain chain;
    if (GENERATE(false, true)) line.use_dummy_queue();
    const std::string jobs = GENERATE("pull", "one_per_chunk");
    INFO(jobs);
    const Ran failed = line.run(map_with({"--num-chunks", "3", "--jobs", jobs}), "0\n1\n2\n3\n4\n5\n6\n7\n");
    CHECK(failed.exit_code == 1);
    CHECK_THAT(failed.err, Catch::Contains("4 of 8 tasks failed") && Catch::Contains("qmr retry --failed"));
    REQUIRE(line.work_dirs().size() == 1);
    const std::string work_dir = line.work_dirs()[0].native();
    SECTION("they fail again, and then go well") {
        CHECK(line.run({"retry", "--failed", work_dir}).exit_code == 1);
        for (int i = 0; i < 8; ++i)
            CHECK(text_of(line.directory() / ("ran." + std::to_string(i))) ==
                  (i % 2 == 0 ? "x\n" : "x\nx\n"));
        line.write("well", "");
        const Ran well = line.run({"retry", "--failed", work_dir});
        INFO(well.err);
        CHECK(well.exit_code == 0);
        CHECK(well.out == "0\n1\n2\n3\n4\n5\n6\n7\n");
        CHECK(text_of(line.directory() / "ran.1") == "x\nx\nx\n");
        CHECK(text_of(line.directory() / "ran.2") == "x\n");
        CHECK(line.work_dirs().empty());
    }
    SECTION("with other options") {
        line.write("well", "");
        const Ran well =
            line.run({"retry", work_dir, "--failed", "--keep-work-dir", "--max-num-resubmissions", "3"});
        CHECK(well.exit_code == 0);
        CHECK_THAT(text_of(line.work_dirs().at(0) / "manifest.json"),
                   Catch::Contains("\"max_num_resubmissions\": 3"));
    }
    if (!chain.queue().state().jobs.empty()) CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE("cli, retry: a chunk that was given up keeps the values that it has") {
    CommandLine line;
    line.use_dummy_queue();
    const Chain chain({{.kind = dummy_queue::FaultKind::evil, .ichunk = 1, .max_num_fails = 1}});
    const Ran failed =
        line.run(map_with({"--num-chunks", "2", "--jobs", "one_per_chunk", "--max-num-resubmissions", "0"}),
                 "0\n2\n4\n6\n");
    CHECK(failed.exit_code == 1);
    CHECK_THAT(failed.err, Catch::Contains("2 of 4 tasks failed"));
    const Ran well = line.run({"retry", "--failed", line.work_dirs().at(0).native()});
    CHECK(well.exit_code == 0);
    CHECK(well.out == "0\n2\n4\n6\n");
    CHECK(text_of(line.directory() / "ran.0") == "x\n");
}

TEST_CASE("cli, halt: when a command fails, no other is begun, and retry runs the rest") {
    const CommandLine line;
    const Ran halted =
        line.run(map_with({"--halt", "soon,fail=1", "--num-chunks", "1"}), "0\n2\n1\n4\n3\n6\n");
    CHECK(halted.exit_code == 1);
    CHECK(halted.out == "0\n2\n1\n");
    CHECK_THAT(halted.err, Catch::Contains("1 of 6 tasks failed") &&
                               Catch::Contains("task 2 (1): exit code 1") &&
                               Catch::Contains("3 tasks were not run, because of --halt"));
    CHECK_FALSE(std::filesystem::exists(line.directory() / "ran.4"));
    line.write("well", "");
    const Ran well = line.run({"retry", "--failed", line.work_dirs().at(0).native()});
    CHECK(well.exit_code == 0);
    CHECK(well.out == "0\n2\n1\n4\n3\n6\n");
    CHECK(text_of(line.directory() / "ran.0") == "x\n");
}

TEST_CASE("cli, halt: commands that run are killed when they shall halt now") {
    const CommandLine line;
    const Ran halted = line.run(
        {"map", "--halt", "now,fail=1", "--num-chunks", "2", "--max-num-running", "2", "--", "sh", "-c",
         "[ $0 = 0 ] && touch begun && sleep 1000; while ! [ -e begun ]; do sleep 0.01; done; exit 3"},
        "0\n1\n");
    CHECK(halted.exit_code == 1);
    CHECK_THAT(halted.err, Catch::Contains("task 0 (0): killed, since too many others had failed (--halt)"));
}
