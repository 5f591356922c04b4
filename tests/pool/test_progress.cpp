#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "pool/progress.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

Standing half_way() {
    Standing standing;
    standing.num_tasks = 1000;
    standing.num_done = 500;
    standing.num_failed = 3;
    standing.counts.running = 2;
    standing.counts.pending = 5;
    standing.counts.unsubmitted = 1;
    standing.elapsed = Seconds{50};
    return standing;
}

}  // namespace

TEST_CASE("a line of progress tells what is done, running, pending and failed, the rate and the time left") {
    CHECK(progress_line(half_way(), 200) ==
          "qmr: 500/1000 tasks, 2 running, 6 pending, 3 failed, 10/s, 50 s left");
}

TEST_CASE("a line of progress tells what is unusual only when it is there") {
    Standing standing = half_way();
    standing.counts.held = 1;
    standing.counts.suspended = 2;
    standing.counts.in_error = 3;
    CHECK(progress_line(standing, 200) ==
          "qmr: 500/1000 tasks, 2 running, 6 pending, 1 held, 2 suspended, 3 in error state, 3 failed, 10/s, "
          "50 s "
          "left");
}

TEST_CASE("before the first result there is no rate, and no time left") {
    Standing standing;
    standing.num_tasks = 10;
    CHECK(progress_line(standing, 200) == "qmr: 0/10 tasks, 0 running, 0 pending, 0 failed");
    const auto json = nlohmann::json::parse(progress_json(standing));
    CHECK(json.at("seconds_left").is_null());
}

TEST_CASE("a long time left is told in minutes and hours") {
    Standing standing = half_way();
    standing.elapsed = Seconds{600};
    CHECK_THAT(progress_line(standing, 200), Catch::EndsWith("10 min left"));
    standing.elapsed = Seconds{3 * 3600 + 65};
    CHECK_THAT(progress_line(standing, 200), Catch::EndsWith("3 h 01 min left"));
}

TEST_CASE("the rate is that of what was done in the time that has elapsed") {
    Standing standing = half_way();
    standing.num_done_before = 400;
    CHECK_THAT(progress_line(standing, 200),
               Catch::EndsWith("3 failed, 2/s, 250 s left") || Catch::EndsWith("3 failed, 2/s, 5 min left"));
    standing.num_done_before = 500;
    CHECK_THAT(progress_line(standing, 200), Catch::EndsWith("3 failed"));
}

TEST_CASE("on a narrow terminal a line of progress leaves out what matters least, and no half of anything") {
    Standing standing = half_way();
    CHECK(progress_line(standing, 63) == "qmr: 500/1000 tasks, 2 running, 6 pending, 3 failed, 50 s left");
    CHECK(progress_line(standing, 52) == "qmr: 500/1000 tasks, 2 running, 3 failed, 50 s left");
    standing.num_failed = 0;
    CHECK(progress_line(standing, 60) == "qmr: 500/1000 tasks, 2 running, 6 pending, 10/s, 50 s left");
    CHECK(progress_line(standing, 35) == "qmr: 500/1000 tasks, 50 s left");
}

TEST_CASE("a line of progress fits a narrow terminal") {
    CHECK(progress_line(half_way(), 20).size() == 20);
}

TEST_CASE("progress for programs is a JSON object") {
    const auto json = nlohmann::json::parse(progress_json(half_way()));
    CHECK(json.at("tasks") == 1000);
    CHECK(json.at("done") == 500);
    CHECK(json.at("failed") == 3);
    CHECK(json.at("pending") == 6);
    CHECK(json.at("seconds_left") == 50);
}
