#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "qmr/result.hpp"

using qmr::NoResult;
using qmr::Result;
using qmr::TaskFailure;

namespace {

TaskFailure failure() {
    TaskFailure failed;
    failed.itask = 17;
    failed.cause = qmr::Cause::crash;
    failed.message = "killed by signal 11";
    failed.host = "node42";
    failed.num_attempts = 3;
    failed.end_of_stderr = "oh no";
    return failed;
}

}  // namespace

TEST_CASE("a result that holds a value gives it") {
    const Result<int> result = 42;
    CHECK(result.has_value());
    CHECK(static_cast<bool>(result));
    CHECK(result.value() == 42);
    CHECK(*result == 42);
}

TEST_CASE("a result without a value tells why") {
    const Result<int> result = failure();
    CHECK_FALSE(result.has_value());
    CHECK_FALSE(static_cast<bool>(result));
    CHECK(result.error().itask == 17);
    CHECK(result.error().cause == qmr::Cause::crash);
    CHECK(result.error().host == "node42");
    CHECK(result.error().num_attempts == 3);
    CHECK(result.error().end_of_stderr == "oh no");
}

TEST_CASE("the value of a failed task throws, and what it throws holds the failure") {
    Result<std::string> result = failure();
    CHECK_THROWS_AS(result.value(), NoResult);
    CHECK_THROWS_AS(std::as_const(result).value(), NoResult);
    CHECK_THROWS_AS(std::move(result).value(), NoResult);
    try {
        static_cast<void>(result.value());
    } catch (const NoResult& none) {
        CHECK(std::string(none.what()) == "task 17 has no result: killed by signal 11");
        CHECK(none.failure().itask == 17);
        const NoResult copy = none;
        CHECK(copy.failure().host == "node42");
    }
}

TEST_CASE("a result gives another value in place of one that is missing") {
    const Result<std::string> there = std::string("there");
    const Result<std::string> missing = failure();
    CHECK(there.value_or("other") == "there");
    CHECK(missing.value_or("other") == "other");
    CHECK(Result<std::string>(std::string("there")).value_or("other") == "there");
    CHECK(Result<std::string>(failure()).value_or("other") == "other");
}

TEST_CASE("the value of a result can be changed in place") {
    Result<std::vector<int>> result = std::vector{1, 2};
    result.value().push_back(3);
    (*result).push_back(4);
    result->push_back(5);
    CHECK(*result == std::vector{1, 2, 3, 4, 5});
    CHECK(std::as_const(result)->size() == 5);
}

TEST_CASE("a result of a move-only type hands its value over") {
    Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
    CHECK(*result.value() == 7);
    const std::unique_ptr<int> taken = std::move(result).value();
    CHECK(*taken == 7);
    CHECK(*result == nullptr);
    Result<std::unique_ptr<int>> another = std::make_unique<int>(8);
    CHECK(*std::move(another).value_or(nullptr) == 8);
    Result<std::unique_ptr<int>> moved = std::move(another);
    CHECK(moved.has_value());
}

TEST_CASE("the value of a result that goes away is no reference into it") {
    const auto make = [] { return Result<std::string>(std::string(100, 'x')); };
    STATIC_REQUIRE(std::is_same_v<decltype(make().value()), std::string>);
    STATIC_REQUIRE(std::is_same_v<decltype(*make()), std::string>);
    for (const char c : make().value()) CHECK(c == 'x');
}

TEST_CASE("the value of a result that stays is a reference to it") {
    Result<int> result = 1;
    STATIC_REQUIRE(std::is_same_v<decltype(result.value()), int&>);
    STATIC_REQUIRE(std::is_same_v<decltype(std::as_const(result).value()), const int&>);
    STATIC_REQUIRE(std::is_same_v<decltype(*result), int&>);
    STATIC_REQUIRE(std::is_same_v<decltype(*std::as_const(result)), const int&>);
    CHECK(&result.value() == &*result);
}

TEST_CASE("a result of a function that gives nothing is there or failed") {
    const Result<void> done;
    CHECK(done.has_value());
    STATIC_REQUIRE(std::is_void_v<decltype(done.value())>);
    CHECK_NOTHROW(done.value());
    const Result<void> failed = failure();
    CHECK_FALSE(failed.has_value());
    CHECK_THROWS_AS(failed.value(), NoResult);
    CHECK(failed.error().itask == 17);
}

TEST_CASE("a result of a bool is there when it is false") {
    const Result<bool> no = false;
    CHECK(no.has_value());
    CHECK_FALSE(*no);
}

TEST_CASE("copies of a failed result share the failure") {
    const Result<int> result = failure();
    const Result<int> copy = result;  // NOLINT
    CHECK(&copy.error() == &result.error());
}
