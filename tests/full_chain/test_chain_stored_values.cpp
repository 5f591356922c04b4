// Values that stay in the work_dir.

#include <catch2/catch.hpp>
#include <fstream>
#include <qmr/map_status.hpp>
#include <stdexcept>

#include "full_chain/chain.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

std::int64_t square_but_of_seven(std::int64_t x) {
    if (x == 7) throw std::runtime_error("seven");
    return x * x;
}

/// Adds what another map left.
struct Adds {
    std::string work_dir;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(work_dir);
    }

    std::int64_t operator()(std::size_t first, std::size_t last) const {
        StoredValues<std::int64_t> values(work_dir);
        std::int64_t sum = 0;
        for (std::size_t itask = first; itask < last; ++itask) sum += values.read(itask);
        return sum;
    }
};

}  // namespace

TEST_CASE("chain: values that stay in the work_dir are read from there, in any order") {
    const Chain chain;
    PoolOptions options = GENERATE(false, true) ? chain.options() : local_options(chain.directory());
    options.num_chunks = 4;
    options.keep_work_dir = false;
    const StoredMap map = Pool(options).map_to_work_dir(square, numbers(50));
    CHECK(map.failures.empty());
    CHECK(map.num_tasks == 50);
    StoredValues<std::int64_t> values(map.work_dir);
    CHECK(values.num_tasks() == 50);
    for (std::int64_t i = 0; i < 50; ++i) CHECK(values.read(static_cast<std::size_t>(i)) == i * i);
    for (const std::size_t itask : {49U, 3U, 4U, 40U, 3U, 3U, 0U})
        CHECK(values.read(itask) == static_cast<std::int64_t>(itask * itask));
    CHECK_THROWS_AS(values.read(50), BadInput);
}

TEST_CASE("chain: tasks of another map read the values where they run") {
    const Chain chain;
    const StoredMap map = chain.pool().map_to_work_dir(square, numbers(50));
    PoolOptions options = chain.options();
    options.work_dir = chain.directory() / "sums";
    const std::vector<std::size_t> firsts{0, 20, 40};
    const std::vector<std::size_t> lasts{20, 40, 50};
    CHECK(Pool(options).map(Adds{map.work_dir.native()}, firsts, lasts) ==
          std::vector<std::int64_t>{2470, 18070, 19885});
}

TEST_CASE("chain: a task that failed has no value to be read, and all others have") {
    const Chain chain;
    PoolOptions options = local_options(chain.directory());
    options.num_chunks = 2;
    const StoredMap map = Pool(options).map_to_work_dir(square_but_of_seven, numbers(20));
    REQUIRE(map.failures.size() == 1);
    CHECK(map.failures[0].itask == 7);
    StoredValues<std::int64_t> values(map.work_dir);
    CHECK(values.read(6) == 36);
    CHECK_THROWS_WITH(values.read(7), Catch::Contains("task 7 has no value"));
    CHECK(values.read(8) == 64);
    CHECK(values.read(9) == 81);
}

TEST_CASE("chain: no tasks leave no values, and a directory without a map has none") {
    const Chain chain;
    CHECK(chain.pool().map_to_work_dir(square, numbers(0)).work_dir.empty());
    CHECK_THROWS_AS(StoredValues<std::int64_t>(chain.directory()), BadInput);
}

TEST_CASE("chain: values that stay are not looked at by the process node, but by who reads them") {
    const Chain chain;
    PoolOptions options = local_options(chain.directory());
    options.num_chunks = 1;
    const StoredMap map = Pool(options).map_to_work_dir(square, numbers(3));
    // The first byte of the first value, behind the header and its frame.
    const auto damage = [&map] {
        std::fstream file(map.work_dir / "000000000.out", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(56 + 6);
        file.put('\x7f');
    };
    damage();
    options.work_dir.clear();
    options.resume = map.work_dir;
    CHECK(Pool(options).map_to_work_dir(square, numbers(3)).failures.empty());
    StoredValues<std::int64_t> values(map.work_dir);
    CHECK_THROWS_WITH(values.read(0), Catch::Contains("000000000.out") && Catch::Contains("checksum"));
    CHECK(Pool(options).map(square, numbers(3)) == squares(3));
}

TEST_CASE("chain: what a program keeps with a map is told to who looks at it") {
    const Chain chain;
    PoolOptions options = local_options(chain.directory());
    options.application_data = "seed 7 \"x\"";
    options.resume_hint = "again in {}";
    const StoredMap map = Pool(options).map_to_work_dir(square, numbers(3));
    const MapStatus status = read_map_status(map.work_dir);
    CHECK(status.application_data == "seed 7 \"x\"");
    CHECK(status.how_to_go_on == "again in " + map.work_dir.native());
    CHECK(ExistingMap(map.work_dir).options().application_data == "seed 7 \"x\"");
}
