#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>
#include <random>
#include <set>

#include "decisions/ascending_order.hpp"
#include "decisions/pulled_chunks.hpp"

using namespace qmr::detail;

namespace {

using Chunks = std::vector<std::size_t>;

}  // namespace

TEST_CASE("in ascending order, a queue job begins with its own part and goes on with the lowest free chunk") {
    AscendingOrder order(10, {3, 4}, 0);
    CHECK(undisturbed(order) == Chunks{3, 4});
    order.look(Chunks{0, 1, 3, 4});
    CHECK(undisturbed(order) == Chunks{2});
    order.look(Chunks{0, 1, 2, 3, 4, 5, 7});
    CHECK(undisturbed(order) == Chunks{6});
    order.look(range(0, 10));
    CHECK_FALSE(order.next());
}

TEST_CASE("in ascending order, one whose first chunk is taken looks, and takes the lowest free one") {
    AscendingOrder order(10, {3}, 0);
    CHECK(order.next() == 3U);
    order.lost();
    CHECK_FALSE(order.next());
    order.look(Chunks{0, 3, 4});
    CHECK(order.next() == 1U);
}

TEST_CASE("in ascending order, a lost claim does not keep a queue job from the others that it had") {
    AscendingOrder order(10, {7, 5, 2}, 0);
    CHECK(order.next() == 7U);
    order.lost();
    CHECK(undisturbed(order) == Chunks{5, 2});
}

TEST_CASE("in ascending order, a queue job alone takes all chunks from the first to the last") {
    AscendingOrder order(1000, {0}, 0);
    Chunks chunks = undisturbed(order);
    std::size_t num_looks = 0;
    while (chunks.size() < 1000) {
        order.look(chunks);
        ++num_looks;
        const Chunks more = undisturbed(order);
        REQUIRE_FALSE(more.empty());
        chunks.insert(chunks.end(), more.begin(), more.end());
    }
    CHECK(chunks == range(0, 1000));
    order.look(chunks);
    CHECK_FALSE(order.next());
    // Long listings are for several tries.
    CHECK(num_looks < 500);
}

TEST_CASE("in ascending order, a lost try means until the next look that those below are taken, too") {
    int num_below = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        AscendingOrder order(1000, {}, seed);
        order.look(range(0, 512));
        Chunks tried;
        while (const auto ichunk = order.next()) {
            tried.push_back(*ichunk);
            order.lost();
        }
        CHECK(tried.size() == 1 + 512 / 128);
        CHECK(tried[0] == 512);
        CHECK(std::ranges::is_sorted(tried));
        order.look(range(0, 513));
        num_below += order.next().value() < tried.back() ? 1 : 0;
    }
    CHECK(num_below > 0);
}

TEST_CASE("in ascending order, what was taken from one that died is taken by those that had lost it to him") {
    AscendingOrder order(4, {0}, 0);
    CHECK(order.next() == 0U);
    order.look(Chunks{0});
    CHECK(order.next() == 1U);
    order.lost();
    order.look(Chunks{0, 1});
    CHECK(order.next().value() >= 2U);
    order.look(range(0, 4));
    CHECK_FALSE(order.next());
    order.look(Chunks{0, 2, 3});
    CHECK(order.next() == 1U);
}

TEST_CASE("in ascending order, what was taken away from a queue job is not tried by it again") {
    AscendingOrder order(3, {0}, 0);
    CHECK(order.next() == 0U);
    order.look(Chunks{0});
    CHECK(order.next() == 1U);
    order.look(Chunks{});
    CHECK(order.next() == 2U);
    order.look(Chunks{});
    CHECK_FALSE(order.next());
}

TEST_CASE("in ascending order, queue jobs that look at the same time are apart after a few tries") {
    constexpr std::size_t num_jobs = 64;
    std::vector<std::unique_ptr<AscendingOrder>> all;
    for (std::size_t ijob = 0; ijob < num_jobs; ++ijob)
        all.push_back(std::make_unique<AscendingOrder>(1000, Chunks{}, ijob));
    std::vector<AscendingOrder*> waiting;
    for (const auto& order : all) waiting.push_back(order.get());
    std::set<std::size_t> taken;
    int num_rounds = 0;
    for (; !waiting.empty(); ++num_rounds) {
        const Chunks seen(taken.begin(), taken.end());
        for (AscendingOrder* order : waiting) order->look(seen);
        std::erase_if(waiting, [&](AscendingOrder* order) {
            const bool is_first = taken.insert(order->next().value()).second;
            if (!is_first) order->lost();
            return is_first;
        });
    }
    CHECK(num_rounds <= 2 * 7);  // 1 + log2(64)
    CHECK(taken.contains(0));
    CHECK(*taken.rbegin() < 4 * num_jobs);
}

TEST_CASE(
    "in ascending order, each chunk is taken by one of many queue jobs, with few looks and lost tries") {
    for (unsigned seed = 0; seed < num_histories; ++seed) {
        std::mt19937 random(seed);
        const std::size_t num_jobs = 1 + random() % 20;
        const std::size_t num_chunks = num_jobs + random() % 300;
        const std::size_t most_unseen = std::vector<std::size_t>{0, 10, 100}[seed % 3];
        PulledChunks map(num_chunks, num_jobs, seed, most_unseen, [&](std::size_t ijob) {
            return std::make_unique<AscendingOrder>(num_chunks, Chunks{ijob}, ijob);
        });
        map.play();
        INFO("seed " << seed << ": " << num_jobs << " jobs, " << num_chunks << " chunks, up to "
                     << most_unseen << " unseen");
        REQUIRE(map.each_is_taken_once());
        const std::size_t num_in_doubt = num_jobs + most_unseen;
        const double bound =
            static_cast<double>(num_chunks + num_jobs) * (1 + std::log2(static_cast<double>(num_in_doubt))) +
            static_cast<double>(num_jobs * most_unseen);
        CHECK(static_cast<double>(map.num_lost()) <= bound);
        CHECK(static_cast<double>(map.num_looks()) <= static_cast<double>(num_chunks) + bound);
        CHECK(map.most_out_of_order() <= 2 * num_in_doubt);
    }
}
