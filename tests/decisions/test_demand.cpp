#include <catch2/catch.hpp>

#include "decisions/demand.hpp"

using namespace qmr::detail;
using std::chrono::seconds;

namespace {

DemandRules rules_with(const Demand& most = {}) {
    return {{1000, seconds{60}}, most, 2, 1.5};
}

}  // namespace

TEST_CASE("more is asked for by the factor, of what it was that was too little") {
    const DemandRules rules = rules_with();
    CHECK(rules.with_more_memory(rules.first, 0) == Demand{2000, seconds{60}});
    CHECK(rules.with_more_memory({2000, seconds{60}}, 0) == Demand{4000, seconds{60}});
    CHECK(rules.with_more_walltime(rules.first) == Demand{1000, seconds{90}});
    CHECK(rules.with_more_walltime({1000, seconds{91}}) == Demand{1000, seconds{137}});
}

TEST_CASE("never more than the most is asked for, nor less than it was") {
    const DemandRules rules = rules_with({1500, seconds{70}});
    CHECK_FALSE(rules.is_most_memory(rules.first));
    CHECK(rules.with_more_memory(rules.first, 0) == Demand{1500, seconds{60}});
    CHECK(rules.is_most_memory({1500, seconds{60}}));
    CHECK(rules.with_more_walltime(rules.first) == Demand{1000, seconds{70}});
    CHECK(rules.is_most_walltime({1000, seconds{70}}));
    const DemandRules above = rules_with({500, seconds{10}});
    CHECK(above.with_more_memory(above.first, 0) == above.first);
    CHECK(above.with_more_walltime(above.first) == above.first);
}

TEST_CASE("without a limit, what is asked for ends before the numbers do") {
    Demand demand = rules_with().first;
    for (int i = 0; i < 1000; ++i) {
        const Demand before = demand;
        demand = rules_with().with_more_memory(rules_with().with_more_walltime(demand), 0);
        REQUIRE(demand.memory >= before.memory);
        REQUIRE(demand.walltime >= before.walltime);
    }
}

TEST_CASE(
    "where no memory was asked for, it begins with what was used, and stays so where that is not known") {
    const DemandRules rules{{}, {}, 2, 2};
    CHECK(rules.with_more_memory({}, 700).memory == 1400);
    CHECK(rules.with_more_memory({}, 0).memory == 0);
    CHECK(rules.with_more_walltime({}).walltime == seconds{0});
}

TEST_CASE("what is asked for beyond the first is described") {
    const DemandRules rules = rules_with();
    CHECK(rules.describe(rules.first).empty());
    CHECK(rules.describe({4'000'000'000, seconds{60}}) == " with 4000 MB of memory");
    CHECK(rules.describe({1000, seconds{120}}) == " with a walltime of 120 s");
    CHECK(rules.describe({4'000'000'000, seconds{120}}) == " with 4000 MB of memory and a walltime of 120 s");
}
