#include <catch2/catch.hpp>

#include "cli/nearest.hpp"

using namespace qmr::cli;

TEST_CASE("cli: edits are letters added, removed, replaced, or swapped with their neighbour") {
    CHECK(num_edits("memory", "memory") == 0);
    CHECK(num_edits("memory", "memry") == 1);
    CHECK(num_edits("memry", "memory") == 1);
    CHECK(num_edits("memory", "memery") == 1);
    CHECK(num_edits("memory", "memroy") == 1);
    CHECK(num_edits("", "abc") == 3);
    CHECK(num_edits("abc", "") == 3);
    CHECK(num_edits("ab", "xyz") == 3);
}

TEST_CASE("cli: the nearest word is told when it is likely to be meant") {
    const std::vector<std::string> known{"memory", "max_memory", "queue_name", "jobs"};
    CHECK(nearest("memroy", known) == "memory");
    CHECK(nearest("max_memroy", known) == "max_memory");
    CHECK(nearest("queue", known) == "queue_name");
    CHECK(nearest("job", known) == "jobs");
    CHECK(nearest("colour", known) == std::nullopt);
    CHECK(nearest("", known) == std::nullopt);
    CHECK(nearest("memory", {}) == std::nullopt);
    CHECK(did_you_mean("memroy", known) == "; did you mean \"memory\"?");
    CHECK(did_you_mean("colour", known).empty());
}
