#include <catch2/catch.hpp>
#include <qmr/error.hpp>

#include "cli/listed_tasks.hpp"

using qmr::cli::take_listed_tasks;
using Words = std::vector<std::string>;

TEST_CASE("cli: tasks behind ::: are cut off a command") {
    Words command{"echo", "{}", ":::", "a", "b c", "--", "::"};
    CHECK(take_listed_tasks(command) == Words{"a", "b c", "--", "::"});
    CHECK(command == Words{"echo", "{}"});
    CHECK(take_listed_tasks(command) == std::nullopt);
    CHECK(command == Words{"echo", "{}"});
}

TEST_CASE("cli: other lists of GNU parallel are refused, and are no tasks or arguments") {
    for (const std::string mark : {":::", ":::+", "::::", "::::+"}) {
        INFO(mark);
        for (Words command : {Words{"echo", ":::", "a", mark, "b"}, Words{"echo", ":::", "a", mark},
                              Words{"echo", mark, ":::", "a"}})
            CHECK_THROWS_WITH(
                take_listed_tasks(command),
                Catch::EndsWith("one list of tasks, behind one \":::\", or a file of them, --tasks FILE"));
    }
    Words command{"echo", "{}", "::::", "file"};
    CHECK_THROWS_WITH(take_listed_tasks(command), Catch::StartsWith("\"::::\" is not supported"));
}

TEST_CASE("cli: a list without tasks is refused") {
    Words command{"echo", ":::"};
    CHECK_THROWS_WITH(take_listed_tasks(command), Catch::StartsWith("there is no task behind \":::\""));
}
