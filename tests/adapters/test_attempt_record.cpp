#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "adapters/attempt_record.hpp"
#include "ground/cause.hpp"

using namespace qmr::detail;
using qmr::Cause;

TEST_CASE("what is known about an attempt is read as it was written") {
    const AttemptInfo info{{{12, 34}, "0a1b2c3d"}, "node42", 1.25, 3'000'000'000};
    const AttemptInfo read = AttemptInfo::from_json(info.to_json());
    CHECK(read.attempt == info.attempt);
    CHECK(read.host == "node42");
    CHECK(read.seconds == 1.25);
    CHECK(read.peak_memory == 3'000'000'000);
}

TEST_CASE("an exit record is read as it was written") {
    const auto cause = GENERATE(from_range(all_causes));
    const bool may_retry = GENERATE(true, false);
    const ExitRecord read = ExitRecord::from_json(
        ExitRecord{cause, "a \"message\"\nof two lines", "node42", may_retry, 9, 2.5, 4096, 17}.to_json());
    CHECK(read.cause == cause);
    CHECK(read.message == "a \"message\"\nof two lines");
    CHECK(read.host == "node42");
    CHECK(read.may_retry == may_retry);
    CHECK(read.signal == 9);
    CHECK(read.seconds == 2.5);
    CHECK(read.peak_memory == 4096);
    CHECK(read.num_records == 17);
}

TEST_CASE("an exit record with an unknown cause is a failure of the worker") {
    const char* text = R"({"cause":"new_cause","message":"m","host":"h","may_retry":true,"signal":0,
        "seconds":1,"peak_memory":2,"num_records":3})";
    CHECK(ExitRecord::from_json(text).cause == Cause::worker_failure);
}

TEST_CASE("a failure is read as it was written") {
    const auto cause = GENERATE(from_range(all_causes));
    const FailureRecord written{cause,
                                "std::runtime_error: \"no\"\n such event",
                                "said",
                                {{Cause::crash, "killed", "node42", 11, 0, 1.5, 4096},
                                 {Cause::crash, "exit code 3", "node43", 0, 3, 2.5, 8192}}};
    const FailureRecord read = FailureRecord::from_json(written.to_json());
    CHECK(read.cause == cause);
    CHECK(read.message == written.message);
    CHECK(read.end_of_stderr == "said");
    CHECK(read.history == written.history);
}

TEST_CASE("a failure is valid JSON whatever bytes its message holds") {
    const FailureRecord written{Cause::exception, "a\xFFz", {}, {}};
    CHECK(FailureRecord::from_json(written.to_json()).message == "a\xEF\xBF\xBDz");
}

TEST_CASE("what is no attempt, exit record or message is refused") {
    const auto text = GENERATE("", "{", "{}", "[]", "null", "{\"message\":7}", "{\"isubmission\":-1}");
    CAPTURE(text);
    CHECK_THROWS_AS(AttemptInfo::from_json(text), nlohmann::json::exception);
    CHECK_THROWS_AS(ExitRecord::from_json(text), nlohmann::json::exception);
    CHECK_THROWS_AS(FailureRecord::from_json(text), nlohmann::json::exception);
}

TEST_CASE("numbers of an attempt or exit record that are none of ours are refused") {
    const auto replaced = [](std::string text, const std::string& key) {
        const auto at = text.find(key) + key.size() + 2;
        const auto* const number = GENERATE("-1", "1.5", "1e300");
        return text.replace(at, text.find_first_of(",}", at) - at, number);
    };
    const std::string info = AttemptInfo{{{1, 2}, "a"}, "host", 0.5, 3}.to_json();
    CHECK_THROWS_AS(AttemptInfo::from_json(replaced(info, "isubmission")), nlohmann::json::exception);
    CHECK_THROWS_AS(AttemptInfo::from_json(replaced(info, "index")), nlohmann::json::exception);
    CHECK_THROWS_AS(AttemptInfo::from_json(replaced(info, "peak_memory")), nlohmann::json::exception);
    const std::string record = ExitRecord{}.to_json();
    CHECK_THROWS_AS(ExitRecord::from_json(replaced(record, "signal")), nlohmann::json::exception);
    CHECK_THROWS_AS(ExitRecord::from_json(replaced(record, "peak_memory")), nlohmann::json::exception);
}
