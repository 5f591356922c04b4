// What holds for each order.

#include <algorithm>
#include <catch2/catch.hpp>

#include "decisions/pull_order.hpp"

using namespace qmr::detail;
using Chunks = std::vector<std::size_t>;

TEST_CASE("a listing that does not show what was lost does not make a queue job try it again") {
    const auto order = make_pull_order(GENERATE(PullWay::spread, PullWay::ascending), 4, {0}, 0);
    CHECK(order->next() == 0U);
    Chunks tried;
    for (int i = 0; i < 3; ++i) {
        order->look(Chunks{});
        tried.push_back(order->next().value());
        order->lost();
    }
    std::ranges::sort(tried);
    CHECK(tried == Chunks{1, 2, 3});
    order->look(Chunks{});
    CHECK_FALSE(order->next());
}
