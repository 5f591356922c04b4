#include <catch2/catch.hpp>
#include <qmr/qmr.hpp>

#include "cli/command_template.hpp"

using qmr::BadInput;
using qmr::cli::CommandTemplate;
using Words = std::vector<std::string>;

TEST_CASE("cli: a task is put into each place of a command") {
    const CommandTemplate command({"simulate", "--seed={}", "{}", "a{}b{}c"}, Words{});
    CHECK(command.has_places());
    CHECK(command.argv("17", {}) == Words{"simulate", "--seed=17", "17", "a17b17c"});
    CHECK(command.argv("a b'\"{}", {})[2] == "a b'\"{}");
}

TEST_CASE("cli: fields of a task are put into places by name") {
    const Words fields{"seed", "energy", "unused"};
    const CommandTemplate command({"simulate", "{energy}", "{seed}/{energy}", "{}"}, fields);
    CHECK(command.names() == Words{"energy", "seed"});
    CHECK(command.argv("the line", Words{"2.5", "7"}) == Words{"simulate", "2.5", "7/2.5", "the line"});
}

TEST_CASE("cli: a command without a place gets the task as its last argument") {
    CommandTemplate command({"echo", "-n"}, Words{});
    CHECK_FALSE(command.has_places());
    command.append_task();
    CHECK(command.argv("x", {}) == Words{"echo", "-n", "x"});
}

TEST_CASE("cli: braces that are no place are text") {
    const CommandTemplate command(
        {"awk", "{print $1}", "{ }", "{{}}", "{{seed}}", "}{", "{\"a\": {\"b\": 1}}", "${HOME}x"},
        Words{"HOME"});
    CHECK(command.argv("t", Words{"h"}) ==
          Words{"awk", "{print $1}", "{ }", "{}", "{seed}", "}{", "{\"a\": {\"b\": 1}}", "$hx"});
}

TEST_CASE("cli: an unknown place is refused with those that there are") {
    CHECK_THROWS_AS(CommandTemplate({"f", "{sed}"}, Words{"seed", "energy"}), BadInput);
    CHECK_THROWS_WITH(CommandTemplate({"f", "{sed}"}, Words{"seed", "energy"}),
                      "unknown place {sed} in the command: tasks have {seed}, {energy}; for the text itself "
                      "write {{sed}}");
    CHECK_THROWS_WITH(CommandTemplate({"f", "{seed}"}, Words{}),
                      Catch::Contains("unless they come from a CSV"));
    CHECK_THROWS_WITH(CommandTemplate({}, Words{}), Catch::Contains("there is no command"));
}
