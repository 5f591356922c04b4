#include <catch2/catch.hpp>

#include "decisions/polling_pace.hpp"

using namespace qmr;
using namespace qmr::detail;
using Look = PollingPace::Look;

TEST_CASE("looks at the queue come quickly while something happens, and never wait longer than asked for") {
    PollingPace pace(Seconds{5});
    CHECK(pace.next(Look::news, Seconds{0}) < Seconds{0.5});
    Seconds wait{0};
    for (int i = 0; i < 20; ++i) {
        const Seconds next = pace.next(Look::no_news, Seconds{0});
        CHECK(next >= wait);
        wait = next;
    }
    CHECK(wait == Seconds{5});
    CHECK(pace.next(Look::news, Seconds{0}) < Seconds{0.5});
}

TEST_CASE("a batch system that does not answer is asked less and less often, up to a bound") {
    PollingPace pace(Seconds{5});
    CHECK(pace.next(Look::failed, Seconds{0}) == Seconds{5});
    CHECK(pace.next(Look::failed, Seconds{0}) == Seconds{10});
    for (int i = 0; i < 20; ++i) CHECK(pace.next(Look::failed, Seconds{0}) <= Seconds{60});
    CHECK(pace.next(Look::news, Seconds{0}) < Seconds{0.5});
}

TEST_CASE("looks that take long are made less often, but not less often than asked for") {
    PollingPace pace(Seconds{5});
    CHECK(pace.next(Look::news, Seconds{0.2}) == Seconds{2});
    CHECK(pace.next(Look::news, Seconds{100}) == Seconds{5});
}
