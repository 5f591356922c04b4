#include <catch2/catch.hpp>
#include <memory>

#include "worker/task_history.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

FailedAttempt attempt(Cause cause, const std::string& message) {
    return {cause, message, "node7", 11, 3, 0.5, 1'000'000};
}

}  // namespace

TEST_CASE("a history tells the attempts, oldest first, and how many there were of each kind") {
    TaskHistory history;
    CHECK(history.attempts().empty());
    history.add(attempt(Cause::crash, "a"));
    history.add(attempt(Cause::exception, "b"));
    history.add(attempt(Cause::crash, "c"));
    CHECK(history.attempts() == std::vector{attempt(Cause::crash, "a"), attempt(Cause::exception, "b"),
                                            attempt(Cause::crash, "c")});
    CHECK(history.num_crashes() == 2);
    CHECK(history.num_exceptions() == 1);
    history.clear();
    CHECK(history.attempts().empty());
    CHECK(history.num_crashes() == 0);
}

TEST_CASE("a long history keeps the latest attempts, and counts all") {
    TaskHistory history;
    for (int i = 0; i < 100; ++i) history.add(attempt(Cause::exception, std::to_string(i)));
    CHECK(history.num_exceptions() == 100);
    const auto kept = history.attempts();
    REQUIRE(kept.size() == TaskHistory::max_num_kept);
    CHECK(kept.front().message == std::to_string(100 - TaskHistory::max_num_kept));
    CHECK(kept.back().message == "99");
}

TEST_CASE("a long message in a history is cut") {
    const auto history = std::make_unique<TaskHistory>();
    history->add(attempt(Cause::exception, std::string(10'000, 'x')));
    CHECK(history->attempts().at(0).message == std::string(TaskHistory::max_message_size, 'x'));
}
