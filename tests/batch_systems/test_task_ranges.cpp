#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>

#include "adapters/batch_systems/task_ranges.hpp"

using qmr::detail::parse_task_ranges;
using qmr::detail::TaskRange;

TEST_CASE("task ranges are read as qstat writes them") {
    using Ranges = std::vector<TaskRange>;
    CHECK(parse_task_ranges("4") == Ranges{{4, 4, 1}});
    CHECK(parse_task_ranges("4,5") == Ranges{{4, 4, 1}, {5, 5, 1}});
    CHECK(parse_task_ranges("1-5:2") == Ranges{{1, 5, 2}});
    CHECK(parse_task_ranges("7-9") == Ranges{{7, 9, 1}});
    CHECK(parse_task_ranges("2-6:1,10,17-20:1") == Ranges{{2, 6, 1}, {10, 10, 1}, {17, 20, 1}});
}

TEST_CASE("a task range counts its tasks") {
    CHECK(TaskRange{4, 4, 1}.count() == 1);
    CHECK(TaskRange{1, 5, 2}.count() == 3);
    CHECK(TaskRange{1, 6, 2}.count() == 3);
    CHECK(TaskRange{2, 10, 100}.count() == 1);
    const auto most = std::numeric_limits<std::uint64_t>::max();
    CHECK(TaskRange{1, most, 1}.count() == most);
}

TEST_CASE("what is not a list of task ranges is refused as a whole") {
    const auto text =
        GENERATE("", ",", "1,", ",1", "1,,2", "0", "0-5:1", "5-1:1", "1-5:0", "1-5:", "1-", "-5", "1:2", "a",
                 "1a", "1-5:1x", " 1", "1 ", "+1", "1.5", "0x10", "undefined", "99999999999999999999999");
    CAPTURE(text);
    CHECK(parse_task_ranges(text) == std::nullopt);
}
