#include <catch2/catch.hpp>

#include "decisions/pending_watch.hpp"

using namespace qmr;
using namespace qmr::detail;

TEST_CASE("it is told why queue jobs wait after a while, then less and less often, at least every hour") {
    PendingWatch watch(Seconds{60});
    std::vector<int> told;
    for (int second = 0; second <= 20'000; ++second)
        if (watch.is_due(true, Seconds{second})) told.push_back(second);
    CHECK(told == std::vector<int>{60, 180, 420, 900, 1860, 3780, 7380, 10980, 14580, 18180});
}

TEST_CASE("as soon as a queue job runs, the patience begins anew") {
    PendingWatch watch(Seconds{60});
    for (int round = 0; round < 3; ++round) {
        const Seconds begin{round * 1000};
        CHECK_FALSE(watch.is_due(true, begin));
        CHECK_FALSE(watch.is_due(true, begin + Seconds{59}));
        CHECK(watch.is_due(true, begin + Seconds{60}));
        CHECK_FALSE(watch.is_due(false, begin + Seconds{500}));
    }
}
