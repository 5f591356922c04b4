// qmr map --reduce, from the command line to what is printed.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <numeric>
#include <qmr/qmr.hpp>

#include "cli/command_line.hpp"
#include "cli/reduction_state.hpp"

using namespace qmr;
using namespace qmr::test;
using Words = std::vector<std::string>;

namespace {

// Says that it has begun, and waits for a file.
const std::string waits_until_well = "sh -c 'touch begun; while ! [ -e well ]; do sleep 0.05; done; wc -l'";

void wait_until_begun(const CommandLine& line) {
    while (!std::filesystem::exists(line.directory() / "begun")) ::usleep(10'000);
}

// Shows which outputs were read together, in which order.
const std::string in_brackets = R"sh(sh -c 'printf "("; tr -d "\n"; printf ")"')sh";

}  // namespace

TEST_CASE("cli, reduce: outputs are reduced by a tree, in the order of the tasks") {
    CommandLine line;
    const Chain chain;
    if (GENERATE(false, true)) line.use_dummy_queue();
    const Ran ran =
        line.run({"map", "--reduce", in_brackets, "--fan-in", "3", "--num-chunks", "4", "--", "echo", "{}"},
                 lines(10));
    INFO(ran.err);
    CHECK(ran.exit_code == 0);
    CHECK(ran.out == "(((012)(345))((67)(89)))");
    CHECK_THAT(ran.err, Catch::Contains("qmr: reducing 10 outputs, level 1 of 3\n") &&
                            Catch::Contains("qmr: reducing 2 outputs, level 3 of 3\n"));
    CHECK(line.work_dirs().empty());
    if (!chain.queue().state().jobs.empty()) CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE("cli, reduce: a sum of many outputs") {
    const CommandLine line;
    const Ran ran =
        line.run({"map", "--reduce", "awk '{ s += $1 } END { print s }'", "--", "echo"}, lines(1001));
    CHECK(ran.exit_code == 0);
    CHECK(ran.out == "500500\n");
}

TEST_CASE("cli, reduce: one task is reduced, too, and none to nothing") {
    const CommandLine line;
    CHECK(line.run({"map", "--reduce", "wc -l", "--", "echo"}, "a\n").out == "1\n");
    const Ran nothing = line.run({"map", "--reduce", "wc -l", "--", "echo"});
    CHECK(nothing.exit_code == 0);
    CHECK(nothing.out.empty());
    CHECK(line.work_dirs().empty());
}

TEST_CASE("cli, reduce: outputs that are too much for memory, and bytes of any kind, are read as they are") {
    const CommandLine line;
    const Ran ran = line.run({"map", "--reduce", "cat", "--fan-in", "2", "--", "sh", "-c",
                              "[ $0 = 1 ] && head -c 3000000 /dev/zero; printf '%s\\377\\0' $0"},
                             "0\n1\n2\n");
    INFO(ran.err);
    CHECK(ran.out ==
          std::string("0\377\0", 3) + std::string(3'000'000, '\0') + std::string("1\377\0002\377\0", 6));
}

TEST_CASE("cli, reduce: a command that does not read all is no error, and stderr of all comes in order") {
    const CommandLine line;
    const Ran ran =
        line.run({"map", "--reduce", "sh -c 'echo reduced >&2; head -n 1'", "--fan-in", "2", "--progress",
                  "silent", "--", "sh", "-c", "yes $0 | head -n 50000; echo said $0 >&2"},
                 "0\n1\n2\n");
    CHECK(ran.exit_code == 0);
    CHECK(ran.out == "0\n");
    CHECK(ran.err == "said 0\nsaid 1\nreduced\nsaid 2\nreduced\nreduced\n");
}

TEST_CASE("cli, reduce: nothing is reduced while a task has failed, and retry goes on") {
    const CommandLine line;
    const Ran failed = line.run(
        {"map", "--reduce", "wc -l", "--", "sh", "-c", "echo $0; [ -e well ] || [ $0 != 3 ]"}, lines(8));
    CHECK(failed.exit_code == 1);
    CHECK(failed.out.empty());
    CHECK_THAT(failed.err, Catch::Contains("1 of 8 tasks failed") && Catch::Contains("qmr retry --failed"));
    line.write("well", "");
    const Ran well = line.run({"retry", "--failed"});
    INFO(well.err);
    CHECK(well.exit_code == 0);
    CHECK(well.out == "8\n");
    CHECK(line.work_dirs().empty());
}

TEST_CASE("cli, reduce: a reducing command that fails is told, explained, and tried again") {
    const CommandLine line;
    const Ran failed = line.run(
        {"map", "--reduce", "sh -c 'echo bad >&2; [ -e well ] && wc -l'", "--fan-in", "4", "--", "echo"},
        lines(8));
    CHECK(failed.exit_code == 1);
    CHECK(failed.out.empty());
    CHECK_THAT(failed.err, Catch::Contains("qmr: 2 of 2 reducing commands failed:\n") &&
                               Catch::Contains("qmr: task 0 (outputs 0 to 3): exit code 1") &&
                               Catch::Contains("    bad\n"));
    const auto work_dir = line.work_dirs().at(0);
    CHECK_THAT(line.run({"status"}).out,
               Catch::Contains("map       complete\n") &&
                   Catch::Contains("reduction level 1 of 2: complete with failures, 0 of 2 done, 2 failed") &&
                   Catch::Contains("hint      qmr explain ITASK " + cli::level_dir(work_dir, 1).native()));
    CHECK_THAT(line.run({"status", "all"}).out, Catch::Contains("complete with failures  8/8"));
    CHECK(nlohmann::json::parse(line.run({"status", "--json"}).out)
              .at("reduction")
              .at("map")
              .at("num_tasks_failed") == 2);
    CHECK_THAT(line.run({"logs", "1", cli::level_dir(work_dir, 1).native()}).err, Catch::Contains("bad\n"));
    CHECK(line.run({"resume"}).exit_code == 1);
    const Ran kept = line.run({"clean", "--yes"});
    CHECK(kept.exit_code == 2);
    CHECK_THAT(kept.err,
               Catch::Contains("its outputs are not reduced; to go on: qmr resume " + work_dir.native()));
    line.write("well", "");
    SECTION("retry") {
        const Ran well = line.run({"retry", "--failed"});
        INFO(well.err);
        CHECK(well.exit_code == 0);
        CHECK(well.out == "2\n");
        CHECK(line.work_dirs().empty());
    }
    SECTION("clean --force removes all of it") {
        CHECK(line.run({"clean", "--yes", "--force"}).exit_code == 0);
        CHECK(line.work_dirs().empty());
    }
}

TEST_CASE("cli, reduce: what is wrong with it is told before anything is submitted") {
    const CommandLine line;
    const auto said = [&line](const Words& words) {
        const Ran ran = line.run(words, "1\n");
        CHECK(ran.exit_code == 2);
        return ran.err;
    };
    CHECK_THAT(said({"map", "--reduce", "sort | uniq", "--", "echo"}), Catch::Contains("there is no shell"));
    CHECK_THAT(said({"map", "--reduce", "sort", "--fan-in", "1", "--", "echo"}),
               Catch::Contains("at least 2"));
    CHECK_THAT(said({"map", "--reduce", "", "--", "echo"}), Catch::Contains("has no words"));
    CHECK_THAT(said({"map", "--fan-in", "3", "--", "echo"}), Catch::Contains("--reduce"));
    CHECK(line.work_dirs().empty());
}

TEST_CASE("cli, reduce: a map that was left alone is reduced by who waits for it") {
    CommandLine line;
    const Chain chain;
    line.use_dummy_queue();
    const Ran left =
        line.run({"map", "--detach", "--reduce", "sort -rn", "--fan-in", "3", "--", "echo"}, lines(7));
    REQUIRE(left.exit_code == 0);
    const std::string work_dir = left.out.substr(0, left.out.find('\n'));
    CHECK_THAT(line.run({"status"}).out, Catch::Contains("reduction not begun\n"));
    const Ran waited = line.run({"wait", work_dir});
    INFO(waited.err);
    CHECK(waited.exit_code == 0);
    CHECK(waited.out == "6\n5\n4\n3\n2\n1\n0\n");
    CHECK(line.work_dirs().empty());
}

TEST_CASE("cli, reduce: a process that is killed while outputs are reduced is gone on with") {
    const CommandLine line;
    const pid_t killed = line.start({"map", "--keep-work-dir", "--fan-in", "4", "--reduce", waits_until_well,
                                     "--", "sh", "-c", "echo $0 >> ran; echo $0"},
                                    lines(8));
    wait_until_begun(line);
    CHECK_THAT(line.run({"status"}).out, Catch::Contains("reduction level 1 of 2: running"));
    ::kill(killed, SIGKILL);
    CHECK(line.wait_for(killed).signal == SIGKILL);
    line.write("well", "");
    CHECK_THAT(line.run({"status"}).out, Catch::Contains("to go on: qmr resume /"));
    const Ran resumed = line.run({"resume"});
    INFO(resumed.err);
    CHECK(resumed.exit_code == 0);
    CHECK(resumed.out == "2\n");
    const std::string ran = text_of(line.directory() / "ran");
    CHECK(std::count(ran.begin(), ran.end(), '\n') == 8);
    CHECK(line.work_dirs().size() == 1);
    CHECK_THAT(line.run({"status"}).out, Catch::Contains("reduction level 2 of 2: complete, 1 of 1 done"));
    CHECK(line.run({"clean", "--yes"}).exit_code == 0);
    CHECK(line.work_dirs().empty());
}

TEST_CASE("cli, reduce: qmr cancel ends it, whichever level is at work") {
    const CommandLine line;
    const pid_t mapping = line.start({"map", "--reduce", waits_until_well, "--", "echo"}, lines(8));
    wait_until_begun(line);
    const pid_t canceller = line.start({"cancel"});
    CHECK(line.wait_for(canceller).exit_code == 0);
    CHECK(line.wait_for(mapping).exit_code == 3);
    line.write("well", "");
    CHECK(line.run({"resume"}).out == "8\n");
}

TEST_CASE("cli, reduce: --dry-run tells of the reduction as well") {
    const CommandLine line;
    CHECK_THAT(
        line.run({"map", "--dry-run", "--reduce", "sort -n", "--fan-in", "10", "--", "echo"}, lines(101)).out,
        Catch::Contains(
            "# then the outputs are reduced, 10 at most by a run of sort: 14 runs in 3 levels\n"));
    CHECK(line.work_dirs().empty());
}
