#include <catch2/catch.hpp>
#include <chrono>

#include "decisions/settling.hpp"

using namespace qmr::detail;
using std::chrono::milliseconds;

namespace {

const Settling::Time begin;

}  // namespace

TEST_CASE("an outcome counts when the worker has lived on for a while since it was seen") {
    Settling settling(milliseconds(100));
    CHECK_FALSE(settling.end());
    settling.see(0, begin);
    CHECK_FALSE(settling.end());
    settling.see(2, begin + milliseconds(10));
    settling.see(2, begin + milliseconds(50));
    settling.see(5, begin + milliseconds(60));
    CHECK(settling.num_settled(begin + milliseconds(109)) == 0);
    CHECK(settling.num_settled(begin + milliseconds(110)) == 2);
    CHECK(settling.end() == begin + milliseconds(160));
    CHECK(settling.num_settled(begin + milliseconds(159)) == 2);
    CHECK(settling.num_settled(begin + milliseconds(160)) == 5);
    CHECK_FALSE(settling.end());
}

TEST_CASE("what an earlier attempt has brought counts at once, and all does where nothing has to settle") {
    Settling settling(milliseconds(100), 7);
    CHECK(settling.num_settled(begin) == 7);
    settling.see(7, begin);
    CHECK_FALSE(settling.end());
    Settling at_once(milliseconds(0));
    at_once.see(3, begin);
    CHECK(at_once.num_settled(begin) == 3);
}
