#include "cli/command_words.hpp"

#include <catch2/catch.hpp>
#include <qmr/error.hpp>

#include "ground/environment_variable.hpp"

using namespace qmr::cli;
using Words = std::vector<std::string>;

TEST_CASE("cli: a command in one word is read as a shell would read it") {
    CHECK(command_words("sort -n") == Words{"sort", "-n"});
    CHECK(command_words("  awk '{ s += $1 } END { print s }'  ") ==
          Words{"awk", "{ s += $1 } END { print s }"});
    CHECK(command_words("a \"b  c\" d\\ e ''") == Words{"a", "b  c", "d e", ""});
    CHECK(command_words("sed 's/\\.//'") == Words{"sed", "s/\\.//"});
    const qmr::test::EnvironmentVariable home("QMR_T_HERE", "/a b");
    CHECK(command_words("\"$QMR_T_HERE/sum\" x") == Words{"/a b/sum", "x"});
}

TEST_CASE("cli: a command in one word that needs a shell is refused, with what to do") {
    for (const char* text : {"sort | uniq", "a; b", "a > b", "{ a", "a &", "a\nb"})
        CHECK_THROWS_WITH(command_words(text),
                          Catch::Contains("there is no shell; quote it, or write sh -c"));
    CHECK_THROWS_WITH(command_words("echo $(date)"), Catch::Contains("another command in it"));
    CHECK_THROWS_WITH(command_words("echo $QMR_T_UNSET"), Catch::Contains("a variable that is not set"));
    CHECK_THROWS_WITH(command_words("echo 'a"), Catch::Contains("a quote is left open"));
    CHECK_THROWS_WITH(command_words("  "), "the command has no words");
}
