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

TEST_CASE("cli: a place has any name that a field has") {
    const Words fields{"sample id", "gr\u00f6\u00dfe", "a/b", "E (GeV)", "1", "$x"};
    const CommandTemplate command({"{sample id}", "{gr\u00f6\u00dfe}{a/b}", "{E (GeV)}", "{1}", "{$x}"},
                                  fields);
    CHECK(command.names() == fields);
    CHECK(command.argv("t", Words{"i", "g", "s", "e", "o", "d"}) == Words{"i", "gs", "e", "o", "d"});
}

TEST_CASE("cli: braces that are no place are text") {
    const Words fields{"HOME"};
    const Words texts{"{print $1}", "{ }",       "{ print NR }", "{n++}",   "{\"a\": {\"b\": 1}}",
                      "{a,b}",      "{a: .b}",   "}{",           "{",       "{x",
                      "${x}",       "${x%.txt}", "${1}",         "{}{a=1}", "{{print $1}}"};
    for (const std::string& text : texts) {
        INFO(text);
        const bool has_task = text.starts_with("{}");
        CHECK(CommandTemplate({text}, fields).argv("", Words{}) == Words{has_task ? text.substr(2) : text});
        CHECK(CommandTemplate({text}, Words{}).has_places() == has_task);
    }
    CHECK(CommandTemplate({"${HOME}x", "${}"}, fields).argv("t", Words{"h"}) == Words{"$hx", "$t"});
}

TEST_CASE("cli: a place in double braces is text in single ones") {
    const CommandTemplate command(
        {"{{}}", "{{seed}}", "${{HOME}}", "{{sample id}}", "{{#}}", "{{HOME}}{HOME}"}, Words{"HOME"});
    CHECK(command.argv("t", Words{"h"}) == Words{"{}", "{seed}", "${HOME}", "{sample id}", "{#}", "{HOME}h"});
}

TEST_CASE("cli: what looks like a place and is none is refused") {
    for (const std::string text : {"{sed}", "{sample di}", "{gr\u00f6\u00dfe}",
                                   "{a/b}", "{x.y-z_1}",   "{.}",
                                   "{/}",   "{//}",        "{/.}",
                                   "{#}",   "{%}",         "{##}",
                                   "{1}",   "{-1}",        "{1/.}",
                                   "{+}",   "{+/}",        "{0#}",
                                   "{:}",   "{..}"}) {
        INFO(text);
        CHECK_THROWS_WITH(CommandTemplate({"f", "x" + text}, Words{}),
                          Catch::StartsWith("unknown place " + text + " in"));
        CHECK_THROWS_WITH(CommandTemplate({"f", text}, Words{"seed"}),
                          Catch::EndsWith("write {" + text + "}"));
    }
    // Signs that the name of a field has may be in one that is mistyped.
    CHECK_THROWS_AS(CommandTemplate({"{E (GEV)}"}, Words{"E (GeV)"}), BadInput);
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
