#include <CLI/CLI.hpp>
#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "cli/command_description.hpp"
#include "cli/help_formatter.hpp"
#include "described_app.hpp"

using Catch::Contains;
using Catch::StartsWith;
using qmr::test::DescribedApp;

namespace {

std::size_t num_columns(const std::string& text) {
    std::size_t most = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) most = std::max(most, line.size());
    return most;
}

}  // namespace

TEST_CASE("cli: --help of each subcommand says what it is first, and fits a screen") {
    const DescribedApp app;
    CHECK_THAT(app->help(), StartsWith("qmr maps a program over tasks") && Contains("\n  map "));
    CHECK(app->help().find("\n  man ") == std::string::npos);
    for (const CLI::App* subcommand : app.subcommands()) {
        const std::string text = subcommand->help("qmr");
        CAPTURE(text);
        CHECK_THAT(text, StartsWith("qmr " + subcommand->get_name() + ": " + subcommand->get_description() +
                                    "\nUsage: qmr " + subcommand->get_name() + " [OPTIONS]"));
        CHECK(num_columns(text) <= 100);
        CHECK(std::ranges::count(text, '\n') <= 50);
        for (const char* noise : {"TEXT", "INT", "FLOAT", "Excludes", "REQUIRED"})
            CHECK(text.find(noise) == std::string::npos);
        CHECK_THAT(text, Contains("\n\n" + subcommand->get_footer().substr(0, 20)));
        CHECK(text.find("\n\n\n") == std::string::npos);
    }
}

TEST_CASE("cli: --help-all of each subcommand has lines that fit") {
    const DescribedApp app;
    for (const CLI::App* subcommand : app.subcommands()) {
        const std::string text = subcommand->help("qmr", CLI::AppFormatMode::All);
        CAPTURE(text);
        CHECK(num_columns(text) <= 100);
        CHECK(text.find(":\n\n") == std::string::npos);
    }
}

TEST_CASE("cli: --help cuts a long description between words") {
    CLI::App app("", "qmr");
    app.formatter(std::make_shared<qmr::cli::HelpFormatter>());
    std::string help;
    for (int i = 0; i < 40; ++i) help += "word ";
    app.add_option("--long")->description(help)->type_name("N");
    app.add_option("PLACE")->description(std::string(200, 'x'));
    const std::string text = app.help();
    CHECK_THAT(text, Contains("--long N                    word word"));
    CHECK_THAT(text, Contains("word\n                              word"));
    CHECK_THAT(text, Contains(std::string(200, 'x')));
    CHECK_THAT(text, Contains("Usage: qmr [OPTIONS] [PLACE]\n"));
}

TEST_CASE("cli: the usage has what must be given") {
    CLI::App app("", "qmr");
    app.add_flag("-0,--null");
    app.add_option("-n,--number")->type_name("N")->required();
    app.add_flag("--failed")->required();
    app.add_option("ITASK")->required();
    app.add_option("WORK_DIR");
    CHECK(usage(qmr::cli::describe(app)) == "[OPTIONS] --number N --failed ITASK [WORK_DIR]");
}
