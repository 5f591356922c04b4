// What a map on a real batch system gives, when nothing goes wrong.

#include <catch2/catch.hpp>
#include <cstdlib>

#include "real_queues/cluster.hpp"

using namespace qmr;
using namespace qmr::test;

TEST_CASE("real: one array computes all chunks") {
    const UserDirectory directory;
    check_as_user(directory, [&] {
        const Pool pool(directory.options());
        return not_squares(pool.map(square, numbers(20)), 20);
    });
    CHECK(directory.num_events({"\"submit\""}) == 1);
    CHECK(directory.num_events({"\"resubmit\""}) == 0);
    CHECK(directory.num_events({"\"delete\""}) == 0);
}

TEST_CASE("real: one queue job for each chunk") {
    const UserDirectory directory;
    check_as_user(directory, [&] {
        auto options = directory.options();
        options.arrays = false;
        return not_squares(Pool(options).map(square, numbers(5)), 5);
    });
    CHECK(directory.num_events({"\"submit\""}) == 5);
}

TEST_CASE("real: the batch system is found without being named") {
    const UserDirectory directory;
    check_as_user(directory, [&] {
        auto options = directory.options();
        options.batch_system = "auto";
        return not_squares(Pool(options).map(square, numbers(3)), 3);
    });
    CHECK_THAT(directory.text("work_dir/manifest.json"), Catch::Contains('"' + cluster_name() + '"'));
}
