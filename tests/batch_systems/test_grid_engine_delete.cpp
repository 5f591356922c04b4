#include <catch2/catch.hpp>
#include <numeric>
#include <stdexcept>

#include "batch_systems/fixtures.hpp"
#include "decisions/batch_system.hpp"

using namespace qmr::detail;
using qmr::test::answer;
using qmr::test::grid_engine;
using qmr::test::grid_engine_fixtures;

TEST_CASE("qdel is given queue jobs and single array tasks") {
    const std::vector<JobToDelete> jobs{{"160", {}}, {"161", 3}, {"161", 4}};
    CHECK(grid_engine.delete_commands("qdel", jobs) ==
          std::vector<std::vector<std::string>>{{"qdel", "160", "161.3", "161.4"}});
}

TEST_CASE("qdel is never given what it would take for a name or a pattern") {
    const auto number = GENERATE("", "*", "q123", "12a", "-u", "0", "160,161", "1.2", " 1");
    CAPTURE(number);
    const std::vector<JobToDelete> jobs{{"160", {}}, {number, {}}};
    CHECK_THROWS_AS(grid_engine.delete_commands("qdel", jobs), std::invalid_argument);
}

TEST_CASE("a name to be deleted is one name and no pattern") {
    CHECK(grid_engine.delete_by_name_command("qdel", "q2026-11-20T09.33.06_a1b2#000000001", "") ==
          std::vector<std::string>{"qdel", "q2026-11-20T09.33.06_a1b2#000000001"});
    const auto name =
        GENERATE("", "*", "q*", "q?", "q[12]", "a|b", "!q", "a&b", "(q)", "a,b", "-f", "1q", "a b");
    CAPTURE(name);
    CHECK_THROWS_AS(grid_engine.delete_by_name_command("qdel", name, ""), std::invalid_argument);
}

TEST_CASE("many queue jobs are deleted by several commands of bounded length") {
    std::vector<JobToDelete> jobs;
    SECTION("short numbers") {
        jobs.assign(5000, {"7", {}});
    }
    SECTION("long numbers") {
        jobs.assign(5000, {std::string(60, '7'), 18446744073709551615U});
    }
    jobs.push_back({"8", {}});

    const auto commands = grid_engine.delete_commands("/opt/ge/bin/qdel", jobs);
    std::size_t num_ids = 0;
    for (const auto& argv : commands) {
        CHECK(argv.front() == "/opt/ge/bin/qdel");
        CHECK(argv.size() > 1);
        CHECK(argv.size() - 1 <= 2000);
        const auto num_bytes =
            std::accumulate(argv.begin(), argv.end(), std::size_t{0},
                            [](std::size_t sum, const auto& id) { return sum + id.size() + 1; });
        CHECK(num_bytes <= 100'000);
        num_ids += argv.size() - 1;
    }
    CHECK(num_ids == jobs.size());
    CHECK(commands.back().back() == "8");
}

TEST_CASE("a qdel is done when all lines tell of queue jobs that go or are gone") {
    CHECK(grid_engine.read_delete_answer(
        answer(1,
               "griduser has deleted job 160\n\njob 148 is already in deletion\n"
               "denied: job \"999999\" does not exist\nThe job abc of user(s) griduser does not exist\n")));
    CHECK(grid_engine.read_delete_answer(
        answer(0, "griduser has registered the job 158 for deletion\n", "warning: slow\n")));
}

TEST_CASE("a single line that is not understood makes a qdel not done") {
    const auto line =
        GENERATE("gridother - you do not have the necessary privileges to delete the job \"163\"",
                 "unable to send message to qmaster using port 6444 on host \"vm\": got send error",
                 "Discontinued delete transaction of user \"griduser\" after job 160",
                 "error: cell directory \"/opt/ge/default\" does not exist", "............");
    CAPTURE(line);
    CHECK_FALSE(grid_engine.read_delete_answer(answer(
        1, "griduser has deleted job 160\n" + std::string(line) + "\ngriduser has deleted job 161\n")));
}

TEST_CASE("a qdel that said nothing, was killed or failed otherwise is not done") {
    CHECK_FALSE(grid_engine.read_delete_answer(answer(0, "")));
    CHECK_FALSE(grid_engine.read_delete_answer(answer(1, "\n", "qdel: not found\n")));
    CHECK_FALSE(grid_engine.read_delete_answer(answer(137, "griduser has deleted job 160\n")));
    for (const auto& name : grid_engine_fixtures.names("delete_")) {
        CAPTURE(name);
        auto killed = grid_engine_fixtures.answer(name);
        killed.ended = false;
        CHECK_FALSE(grid_engine.read_delete_answer(killed));
    }
}

TEST_CASE("directories that Grid Engine would read otherwise are named with the reason") {
    CHECK_FALSE(grid_engine.cannot_carry("/home/griduser/a b:c'd\"e$f/$job/$"));
    CHECK_THAT(grid_engine.cannot_carry("/w/a,b").value(),
               Catch::Contains("comma") && Catch::Contains("/w/a,b"));
    CHECK_THAT(grid_engine.cannot_carry("/w/a\nb").value(), Catch::Contains("newline"));
    const auto variable = GENERATE("$HOME", "$USER", "$JOB_ID", "$JOB_NAME", "$HOSTNAME", "$TASK_ID");
    CHECK_THAT(grid_engine.cannot_carry("/w/" + std::string(variable) + "x").value(),
               Catch::Contains(variable));
}
