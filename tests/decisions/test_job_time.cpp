#include <catch2/catch.hpp>

#include "decisions/job_time.hpp"

using namespace qmr;
using namespace qmr::detail;

TEST_CASE("a queue job without limits starts chunk after chunk") {
    JobTime time(Seconds{0}, Seconds{0});
    time.took(Seconds{1e6});
    CHECK(time.starts_another(Seconds{1e9}));
}

TEST_CASE("a queue job always starts its first chunk") {
    const JobTime time(Seconds{10}, Seconds{20});
    CHECK(time.starts_another(Seconds{1000}));
}

TEST_CASE("a queue job starts no other chunk after its longest time, however short they are") {
    JobTime time(Seconds{10}, Seconds{0});
    time.took(Seconds{0.1});
    CHECK(time.starts_another(Seconds{9.9}));
    CHECK_FALSE(time.starts_another(Seconds{10}));
}

TEST_CASE("a queue job starts no chunk that may not fit in what is left of the walltime") {
    JobTime time(Seconds{0}, Seconds{100});
    time.took(Seconds{8});
    time.took(Seconds{4});
    CHECK(time.starts_another(Seconds{90}));
    CHECK_FALSE(time.starts_another(Seconds{90.1}));
    time.took(Seconds{16});
    CHECK(time.starts_another(Seconds{80}));
    CHECK_FALSE(time.starts_another(Seconds{90}));
}
