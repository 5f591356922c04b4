#include <catch2/catch.hpp>

#include "qmr/result.hpp"

using qmr::Cause;

TEST_CASE("each cause is called as in its declaration") {
    CHECK(to_string(Cause::exception) == "exception");
    CHECK(to_string(Cause::crash) == "crash");
    CHECK(to_string(Cause::error_state) == "error_state");
    CHECK(to_string(Cause::vanished) == "vanished");
    CHECK(to_string(Cause::worker_failure) == "worker_failure");
    CHECK(to_string(Cause::corrupt_result) == "corrupt_result");
    CHECK(to_string(Cause::binary_changed) == "binary_changed");
    CHECK(to_string(Cause::out_of_memory) == "out_of_memory");
    CHECK(to_string(Cause::out_of_time) == "out_of_time");
}

TEST_CASE("a number that is no cause has a name all the same") {
    CHECK(to_string(static_cast<Cause>(99)) == "unknown");
}
