#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>
#include <random>

#include "decisions/pulled_chunks.hpp"
#include "decisions/spread_order.hpp"

using namespace qmr::detail;

namespace {

using Chunks = std::vector<std::size_t>;

}  // namespace

TEST_CASE("a queue job begins with its own part, from the front") {
    SpreadOrder order(10, {3, 4, 7}, 0);
    CHECK(undisturbed(order) == Chunks{3, 4, 7});
}

TEST_CASE("a queue job goes on in the middle of the largest gap, upward to the first chunk that is taken") {
    SpreadOrder order(20, {0, 1}, 0);
    CHECK(undisturbed(order) == Chunks{0, 1});
    order.look(Chunks{6, 16});
    CHECK(undisturbed(order) == Chunks{11, 12, 13, 14, 15});
}

TEST_CASE("a queue job that met another one leaves it the rest of the way") {
    SpreadOrder order(20, range(0, 10), 0);
    CHECK(order.next() == 0U);
    CHECK(order.next() == 1U);
    order.lost();
    CHECK_FALSE(order.next());
    order.look(Chunks{1, 15});
    CHECK(order.next() == 8U);
    order.lost();
    CHECK_FALSE(order.next());
}

TEST_CASE("a queue job alone takes all chunks") {
    SpreadOrder order(100, range(40, 50), 0);
    Chunks chunks = undisturbed(order);
    while (chunks.size() < 100) {
        order.look(Chunks{});
        const Chunks more = undisturbed(order);
        REQUIRE_FALSE(more.empty());
        chunks.insert(chunks.end(), more.begin(), more.end());
    }
    std::ranges::sort(chunks);
    CHECK(chunks == range(0, 100));
    order.look(Chunks{});
    CHECK_FALSE(order.next());
}

TEST_CASE("queue jobs that look at the same time spread over gaps of about the same size") {
    Chunks first;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        SpreadOrder order(103, {0}, seed);
        CHECK(order.next() == 0U);
        order.look(Chunks{0, 34, 68});  // gaps of 33, 33 and 34 chunks
        first.push_back(order.next().value());
    }
    for (const std::size_t middle : {17U, 51U, 86U}) CHECK(std::ranges::count(first, middle) >= 3);
}

TEST_CASE("each chunk is taken by exactly one of many queue jobs, with few looks and few lost tries") {
    for (unsigned seed = 0; seed < num_histories; ++seed) {
        std::mt19937 random(seed);
        const std::size_t num_jobs = 1 + random() % 20;
        const std::size_t num_chunks = 1 + random() % 300;
        const std::size_t most_unseen = seed % 2 == 1 ? 10 : 0;
        PulledChunks map(num_chunks, num_jobs, seed, most_unseen, [&](std::size_t ijob) {
            return std::make_unique<SpreadOrder>(
                num_chunks, range(num_chunks * ijob / num_jobs, num_chunks * (ijob + 1) / num_jobs), ijob);
        });
        map.play();
        INFO("seed " << seed << ": " << num_jobs << " jobs, " << num_chunks << " chunks");
        REQUIRE(map.each_is_taken_once());
        const double bound =
            2 * static_cast<double>(num_jobs) * (1 + std::log2(static_cast<double>(num_chunks)));
        CHECK(static_cast<double>(map.num_looks()) <= bound);
        CHECK(static_cast<double>(map.num_lost()) <= bound);
    }
}
