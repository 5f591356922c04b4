#include <catch2/catch.hpp>

#include "adapters/journal_reader.hpp"
#include "qmr/error.hpp"

using namespace qmr::detail;
using State = JournalSubmission::State;

namespace {

constexpr std::size_t num_chunks = 10;

Journal read(const std::string& text) {
    return read_journal(text, num_chunks, "/w/journal.jsonl");
}

std::string submit(std::size_t isubmission) {
    return R"({"t":"x","event":"submit","isubmission":)" + std::to_string(isubmission) +
           R"(,"JB_name":"q1.0","num_jobs":3})" + "\n";
}

std::string answer(const std::string& event, std::size_t isubmission) {
    return R"({"event":")" + event + R"(","isubmission":)" + std::to_string(isubmission) +
           R"(,"JB_job_number":"77"})" + "\n";
}

}  // namespace

TEST_CASE("a journal tells what became of each submission") {
    const Journal journal = read(submit(0) + answer("submitted", 0) + submit(1) + submit(4) +
                                 answer("busy", 4) + submit(5) + answer("unclear", 5));
    REQUIRE(journal.submissions.size() == 4);
    CHECK(journal.submissions.at(0).state == State::accepted);
    CHECK(journal.submissions.at(0).JB_job_number == "77");
    CHECK(journal.submissions.at(0).JB_name == "q1.0");
    CHECK(journal.submissions.at(0).num_jobs == 3);
    CHECK(journal.submissions.at(1).state == State::asked);
    CHECK(journal.submissions.at(4).state == State::lost);
    CHECK(journal.submissions.at(5).state == State::asked);
}

TEST_CASE("a journal tells what queue jobs had asked for") {
    const Journal journal = read(
        submit(0) +
        R"({"event":"submit","isubmission":1,"JB_name":"q","num_jobs":1,"memory":5000000000000,"walltime":90})" +
        "\n");
    CHECK(journal.submissions.at(0).demand == Demand{});
    CHECK(journal.submissions.at(1).demand == Demand{5'000'000'000'000, std::chrono::seconds{90}});
}

TEST_CASE("a submission that was not accepted is not in the queue") {
    const auto event = GENERATE("busy", "too_large", "refused");
    CHECK(read(submit(0) + answer(event, 0)).submissions.at(0).state == State::lost);
}

TEST_CASE("of what was left behind clean, nothing is in the queue") {
    const Journal journal = read(submit(0) + answer("submitted", 0) + "{\"event\":\"left\"}\n" + submit(1) +
                                 answer("submitted", 1));
    CHECK(journal.submissions.at(0).state == State::over);
    CHECK(journal.submissions.at(1).state == State::accepted);
}

TEST_CASE("a journal tells whose claims were taken away") {
    const Journal journal = read("{\"event\":\"free\",\"ichunk\":4,\"isubmission\":2,\"index\":3}\n");
    REQUIRE(journal.freed.size() == 1);
    CHECK(journal.freed.front() == std::pair(std::size_t{4}, JobKey{2, 3}));
}

TEST_CASE("a journal tells whose attempt has ended, and what was to be deleted") {
    const Journal journal =
        read(submit(0) + answer("submitted", 0) +
             "{\"event\":\"resubmit\",\"ichunk\":4,\"isubmission\":0,\"index\":3}\n" +
             "{\"event\":\"delete\",\"isubmission\":0,\"index\":2,\"JB_job_number\":\"77\"}\n");
    REQUIRE(journal.freed.size() == 1);
    CHECK(journal.freed.front() == std::pair(std::size_t{4}, JobKey{0, 3}));
    CHECK(journal.submissions.at(0).deleted == std::set<std::uint64_t>{2});
}

TEST_CASE("a chunk that was taken from its queue job waits for no submission before that") {
    const auto event = GENERATE("resubmit", "give_up");
    const Journal journal = read(submit(0) + submit(1) + R"({"event":")" + event + "\",\"ichunk\":3}\n");
    CHECK(journal.first_isubmission.at(3) == 2);
    CHECK(journal.first_isubmission.size() == 1);
}

TEST_CASE("where queue jobs pull, a journal tells whose attempts have ended") {
    const auto event = GENERATE("resubmit", "give_up");
    const Journal journal =
        read(submit(0) + R"({"event":")" + event + R"(","ichunk":3,"isubmission":0,"index":2})" + "\n");
    REQUIRE(journal.freed.size() == 1);
    CHECK(journal.freed.front() == std::pair(std::size_t{3}, JobKey{0, 2}));
}

TEST_CASE("a torn last line counts as not written") {
    const std::string last = submit(1);
    for (std::size_t size = 0; size < last.size(); ++size)
        CHECK(read(submit(0) + last.substr(0, size)).submissions.size() == 1);
    CHECK(read("").submissions.empty());
}

TEST_CASE("events that are not known, and notes about no chunk, change nothing") {
    CHECK(read("{\"event\":\"new\",\"ichunk\":99}\n{\"event\":\"resubmit\",\"ichunk\":null}\n")
              .first_isubmission.empty());
}

TEST_CASE("a line that is none of a journal is named by its place") {
    const auto line = GENERATE("", "{", "[]", "{}", "{\"event\":7}", "{\"event\":\"submit\"}",
                               "{\"event\":\"submitted\",\"isubmission\":3,\"JB_job_number\":\"1\"}",
                               "{\"event\":\"free\",\"ichunk\":10,\"isubmission\":0,\"index\":1}",
                               "{\"event\":\"submit\",\"isubmission\":0,\"JB_name\":\"n\",\"num_jobs\":1}",
                               "{\"event\":\"submit\",\"isubmission\":-1,\"JB_name\":\"n\",\"num_jobs\":1}");
    CAPTURE(line);
    const std::string before = submit(0);
    CHECK_THROWS_AS(read(before + line + "\n"), qmr::Error);
    CHECK_THROWS_WITH(read(before + line + "\n"),
                      Catch::StartsWith("/w/journal.jsonl, byte " + std::to_string(before.size()) + ": "));
}
