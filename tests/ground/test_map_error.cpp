#include <any>
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "qmr/map_error.hpp"

using qmr::MapError;
using qmr::Result;
using qmr::summary_of;
using qmr::TaskFailure;

namespace {

void add(std::vector<TaskFailure>& failures, const std::string& message, std::size_t first,
         std::size_t number) {
    for (std::size_t i = 0; i < number; ++i) {
        TaskFailure failure;
        failure.itask = first + i;
        failure.message = message;
        failures.push_back(failure);
    }
}

std::string message_of(std::size_t num_tasks, const std::vector<TaskFailure>& failures) {
    return MapError(num_tasks, failures, "/kept here", {}).what();
}

}  // namespace

TEST_CASE("a failed map tells how many tasks failed, why, which, and where the files are") {
    std::vector<TaskFailure> failures;
    add(failures, "std::runtime_error: no such event", 7, 1);
    CHECK(message_of(100, failures) ==
          "1 of 100 tasks failed: 1 x std::runtime_error: no such event (task 7); the files are kept in "
          "/kept here");
}

TEST_CASE("a failed map groups equal messages, the most common first") {
    std::vector<TaskFailure> failures;
    add(failures, "rare", 1, 1);
    add(failures, "common", 2, 3);
    CHECK(message_of(100, failures) ==
          "4 of 100 tasks failed: 3 x common (tasks 2, 3, 4); 1 x rare (task 1); the "
          "files are kept in /kept here");
}

TEST_CASE("a failed map names the first few tasks of a message") {
    std::vector<TaskFailure> failures;
    add(failures, "five", 10, 5);
    CHECK_THAT(message_of(100, failures), Catch::Contains("5 x five (tasks 10, 11, 12, 13, 14);"));
    failures.clear();
    add(failures, "many", 10, 1000);
    CHECK_THAT(message_of(2000, failures), Catch::Contains("1000 x many (tasks 10, 11, 12, 13, 14, ...);"));
}

TEST_CASE("a failed map quotes few of many messages and counts the others") {
    std::vector<TaskFailure> failures;
    for (std::size_t i = 0; i < 9; ++i) add(failures, "message " + std::to_string(i), 10 * i, 10 - i);
    const std::string message = message_of(100, failures);
    CHECK_THAT(message, Catch::Contains("10 x message 0 (") && Catch::Contains("; 8 x message 2 ("));
    CHECK_THAT(message, !Catch::Contains("message 3"));
    CHECK_THAT(message, Catch::Contains("; 27 more with other messages;"));
}

TEST_CASE("a failed map still holds its failures and the place of its files") {
    std::vector<TaskFailure> failures;
    add(failures, "a", 3, 2);
    const MapError error(10, failures, "/kept here", {});
    CHECK(error.num_tasks() == 10);
    CHECK(error.failures().size() == 2);
    CHECK(error.failures()[1].itask == 4);
    CHECK(error.work_dir() == "/kept here");
}

TEST_CASE("a failed map still holds what was computed, also in a copy") {
    auto results = std::make_shared<std::vector<Result<int>>>();
    results->emplace_back(5);
    results->emplace_back(TaskFailure{});
    const MapError error(2, {}, "/w", std::any(results));
    const MapError copy = error;  // NOLINT
    REQUIRE(copy.results<int>().size() == 2);
    CHECK(copy.results<int>()[0].value() == 5);
    CHECK_FALSE(copy.results<int>()[1].has_value());
}

TEST_CASE("the results of a failed map have the type that the function gives, and no other") {
    const MapError error(0, {}, "/w", std::any(std::make_shared<std::vector<Result<int>>>()));
    CHECK_NOTHROW(error.results<int>());
    CHECK_THROWS_AS(error.results<long>(), std::bad_any_cast);
    CHECK_THROWS_AS(error.results<double>(), std::bad_any_cast);
}

TEST_CASE("a summary of failures has what each message is of") {
    CHECK(summary_of({}).empty());
    std::vector<TaskFailure> failures(3);
    failures[0].itask = 2;
    failures[0].message = "one";
    failures[1].itask = 5;
    failures[1].message = "two";
    failures[2].itask = 9;
    failures[2].message = "two";
    CHECK(summary_of(failures) == "2 x two (tasks 5, 9); 1 x one (task 2)");
}
