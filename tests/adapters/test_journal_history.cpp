#include <catch2/catch.hpp>

#include "adapters/journal_history.hpp"
#include "qmr/error.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

JournalHistory read_history_in(const std::string& text) {
    return read_journal_history(text, 10, "/w/journal.jsonl");
}

const std::string submit_line =
    R"({"t":"2026-11-20T09:33:06.123Z","event":"submit","isubmission":0,"JB_name":"q1.0","num_jobs":3})"
    "\n";
const std::string give_up =
    R"({"t":"2026-11-20T09:33:09.000Z","event":"give_up","ichunk":3,"cause":"out_of_memory","said":"too much",)"
    R"("num_failed":2,"num_attempts":4,"host":"node7","stderr":"oh","history":[{"cause":"out_of_memory",)"
    R"("message":"killed","host":"node7","signal":9,"exit_code":0,"seconds":1.5,"peak_memory":7}],)"
    R"("isubmission":0,"index":2})"
    "\n";
const std::string resume = R"({"event":"resume","process_node":"n","pid":1})"
                           "\n";

}  // namespace

TEST_CASE("the history of a journal has the times of its submissions") {
    const JournalHistory history = read_history_in(submit_line);
    CHECK(history.begin == read_timestamp("2026-11-20T09:33:06.123Z"));
    CHECK(history.submitted_at.at(0) == history.begin);
    CHECK(history.journal.submissions.at(0).num_jobs == 3);
    CHECK_FALSE(history.resumed_at);
    CHECK(read_history_in(submit_line + resume).first_isubmission == 1);
}

TEST_CASE("the history of a chunk has its attempts, and what is known of their ends") {
    const JournalHistory history = read_history_in(
        submit_line +
        R"({"event":"resubmit","ichunk":3,"said":"gone; submitted again","isubmission":0,"index":3,)" +
        R"("attempt":{"cause":"vanished","message":"gone","host":"node1","signal":0,"exit_code":1,)" +
        R"("seconds":2,"peak_memory":5}})" + "\n" + R"({"event":"resubmit","ichunk":null,"said":"idle"})" +
        "\n");
    REQUIRE(history.chunks.size() == 1);
    const auto& endings = history.chunks.at(3).endings;
    REQUIRE(endings.size() == 1);
    CHECK(endings[0].job == JobKey{0, 3});
    CHECK(endings[0].said == "gone; submitted again");
    REQUIRE(endings[0].attempt);
    CHECK(*endings[0].attempt == FailedAttempt{Cause::vanished, "gone", "node1", 0, 1, 2, 5});
}

TEST_CASE("a chunk that was given up has the failure of its tasks, until the map is gone on with") {
    const JournalHistory history = read_history_in(submit_line + give_up);
    const ChunkPast& chunk = history.chunks.at(3);
    REQUIRE(chunk.given_up);
    CHECK(chunk.given_up->num_failed == 2);
    CHECK(chunk.given_up->failure.cause == Cause::out_of_memory);
    CHECK(chunk.given_up->failure.message == "too much");
    CHECK(chunk.given_up->failure.host == "node7");
    CHECK(chunk.given_up->failure.num_attempts == 4);
    CHECK(chunk.given_up->failure.end_of_stderr == "oh");
    CHECK(chunk.given_up->failure.history.size() == 1);
    REQUIRE(chunk.endings.size() == 1);
    CHECK(chunk.endings[0].attempt->signal == 9);
    CHECK_FALSE(read_history_in(submit_line + give_up + resume).chunks.at(3).given_up);
}

TEST_CASE("a chunk whose results were read has the number of its failures, unless they were rejected") {
    const std::string committed = R"({"event":"committed","ichunk":3,"num_failed":2,"num_attempts":5})"
                                  "\n";
    const ChunkPast chunk = read_history_in(submit_line + give_up + committed).chunks.at(3);
    CHECK(chunk.num_failed == 2);
    CHECK(chunk.num_attempts == 5);
    CHECK_FALSE(chunk.given_up);
    CHECK_FALSE(read_history_in(committed + R"({"event":"rejected","ichunk":3,"said":"torn"})" + "\n")
                    .chunks.at(3)
                    .num_failed);
}

TEST_CASE("a history is refused where its journal is, and without its torn last line") {
    CHECK_THROWS_WITH(read_history_in(submit_line + "{\n"), Catch::StartsWith("/w/journal.jsonl, byte "));
    CHECK_THROWS_AS(read_history_in(R"({"event":"committed","ichunk":10,"num_failed":0})"
                                    "\n"),
                    Error);
    CHECK(read_history_in(submit_line + "{\"event\":").submitted_at.size() == 1);
}
