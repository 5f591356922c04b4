#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "cli/app.hpp"
#include "cli/unknown_argument.hpp"
#include "temporary_directory.hpp"

using namespace qmr::cli;
using Words = std::vector<std::string>;

namespace {

// qmr map COMMAND... and qmr status WORK_DIR, after a command line that was refused.
std::string complaint(Words arguments, bool takes_all = false) {
    CLI::App app("", "qmr");
    app.require_subcommand(1);
    CLI::App* map = app.add_subcommand("map", "");
    map->add_option("--memory");
    map->add_flag("--arrays,!--no-arrays");
    if (takes_all) map->allow_extras()->add_option("--tasks")->required();
    CLI::App* status = app.add_subcommand("status", "");
    status->add_option("work_dir")->required();
    std::reverse(arguments.begin(), arguments.end());
    CHECK_THROWS_AS(app.parse(arguments), CLI::ParseError);
    return complain_of_unknown_argument(app).value_or("none");
}

}  // namespace

TEST_CASE("cli: an unknown option is named, with the nearest one") {
    CHECK(complaint({"map", "--memroy", "4G"}) == R"(unknown option "--memroy"; did you mean "--memory"?)");
    CHECK(complaint({"map", "--memroy=4G"}) == R"(unknown option "--memroy"; did you mean "--memory"?)");
    CHECK(complaint({"map", "-memory"}) == R"(unknown option "-memory"; did you mean "--memory"?)");
    CHECK(complaint({"map", "--no-array"}) == R"(unknown option "--no-array"; did you mean "--no-arrays"?)");
    CHECK(complaint({"map", "--colour"}) == R"(unknown option "--colour"; see qmr map --help-all)");
}

TEST_CASE("cli: what is unknown is told before what is missing") {
    CHECK(complaint({"mpa"}) == R"(unknown subcommand "mpa"; did you mean "map"?)");
    CHECK(complaint({"frobnicate"}) == R"(unknown subcommand "frobnicate"; see qmr --help)");
    CHECK(complaint({"status", "--memory"}) == R"(unknown option "--memory"; see qmr status --help-all)");
    CHECK(complaint({"status"}) == "none");
}

TEST_CASE("cli: an argument too many is named") {
    CHECK_THAT(
        complaint({"map", "ls"}),
        Catch::StartsWith(R"("ls" is one argument too many; the command stands behind --: qmr map -- )"));
    CHECK(complaint({"map", "--", "ls"}) == R"("ls" is one argument too many; see qmr map --help)");
}

TEST_CASE("cli: what a subcommand leaves to others is not unknown") {
    CHECK(complaint({"map", "ls", "--colour"}, true) == "none");
}

TEST_CASE("cli: the command tells in one line which argument it does not know") {
    const qmr::test::TemporaryDirectory directory;
    const std::string told = (directory / "stderr").string();
    char name[] = "qmr";
    char argument[] = "--versoin";
    char* argv[] = {name, argument, nullptr};
    const int before = ::dup(STDERR_FILENO);
    const int file = ::open(told.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    REQUIRE(::dup2(file, STDERR_FILENO) == STDERR_FILENO);
    const int exit_code = qmr::cli::run(2, argv);
    ::dup2(before, STDERR_FILENO);
    ::close(before);
    ::close(file);
    CHECK(exit_code == 2);
    std::ifstream stream(told);
    CHECK(std::string(std::istreambuf_iterator<char>(stream), {}) ==
          "qmr: unknown option \"--versoin\"; did you mean \"--version\"?\n");
}
