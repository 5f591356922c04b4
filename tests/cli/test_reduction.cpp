#include "cli/reduction.hpp"

#include <catch2/catch.hpp>

using namespace qmr::cli;
using Sizes = std::vector<std::size_t>;

TEST_CASE("cli, reduction: a tree has as many levels as its fan-in asks for") {
    CHECK(levels_of(1, 100) == Sizes{1});
    CHECK(levels_of(100, 100) == Sizes{1});
    CHECK(levels_of(101, 100) == Sizes{2, 1});
    CHECK(levels_of(1'000'000, 100) == Sizes{10'000, 100, 1});
    CHECK(levels_of(5, 2) == Sizes{3, 2, 1});
    CHECK(levels_of(7, 1'000'000'000) == Sizes{1});
}

TEST_CASE("cli, reduction: the commands of a level read all outputs, in order, as evenly as can be") {
    CHECK(commands_of(5, 2) == std::vector<ReduceTask>{{0, 0, 3}, {1, 3, 2}});
    for (std::size_t num_outputs = 1; num_outputs < 200; ++num_outputs) {
        const std::size_t fan_in = 2 + num_outputs % 7;
        const auto commands = commands_of(num_outputs, levels_of(num_outputs, fan_in).front());
        std::size_t next = 0;
        for (std::size_t i = 0; i < commands.size(); ++i) {
            REQUIRE(commands[i].itask == i);
            REQUIRE(commands[i].first == next);
            REQUIRE(commands[i].num >= 1);
            REQUIRE(commands[i].num <= fan_in);
            next += commands[i].num;
        }
        REQUIRE(next == num_outputs);
    }
}

TEST_CASE("cli, reduction: it stays with the map as text") {
    const Reduction reduction{{"sort", "-n", "a \"b\"\n"}, 7, 1.5, 2, true};
    CHECK(Reduction::from_json(reduction.to_json()) == reduction);
    CHECK_FALSE(Reduction::from_json(""));
    CHECK_FALSE(Reduction::from_json("{\"what\": \"another program keeps\"}"));
}
