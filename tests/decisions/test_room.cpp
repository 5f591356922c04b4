// How many workers run at once on a machine that has not the processes or the memory for all of them.

#include <catch2/catch.hpp>

#include "decisions/room.hpp"

using namespace qmr;
using namespace qmr::detail;

TEST_CASE("room: there is place for as many workers as are allowed") {
    Room room(2);
    CHECK(room.has_place(1, Seconds{0}));
    CHECK_FALSE(room.has_place(2, Seconds{0}));
    CHECK_FALSE(room.has_place(2, Seconds{1e6}));
}

TEST_CASE("room: after a lack only as many run as were left, and always one") {
    Room room(4);
    room.lacked(2, Seconds{100});
    CHECK(room.has_place(1, Seconds{100}));
    CHECK_FALSE(room.has_place(2, Seconds{100}));
    room.lacked(0, Seconds{101});
    CHECK(room.has_place(0, Seconds{101}));
    CHECK_FALSE(room.has_place(1, Seconds{101}));
}

TEST_CASE("room: one more is tried at a time, each after a while without a lack") {
    Room room(3);
    room.lacked(0, Seconds{100});
    const Seconds first = Seconds{100} + Room::before_one_more;
    CHECK_FALSE(room.has_place(1, first - Seconds{1}));
    CHECK(room.has_place(1, first));
    CHECK_FALSE(room.has_place(2, first + Seconds{1}));
    room.lacked(1, first + Seconds{2});
    CHECK_FALSE(room.has_place(1, first + Room::before_one_more));
    CHECK(room.has_place(1, first + Seconds{2} + Room::before_one_more));
}

TEST_CASE("room: workers that were there before a lack do not widen it") {
    Room room(4);
    room.lacked(1, Seconds{0});
    room.lacked(3, Seconds{1});
    CHECK_FALSE(room.has_place(1, Seconds{1}));
}
