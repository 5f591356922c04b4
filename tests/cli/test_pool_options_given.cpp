#include <CLI/CLI.hpp>
#include <algorithm>
#include <catch2/catch.hpp>
#include <qmr/error.hpp>
#include <sstream>
#include <stdexcept>

#include "cli/pool_options_given.hpp"
#include "home.hpp"

using namespace qmr::cli;
using qmr::PoolOptions;
using qmr::test::EnvironmentVariable;
using qmr::test::Home;
using Words = std::vector<std::string>;

namespace {

// A command with a subcommand that has options of a pool.
struct Command {
    CLI::App app{"", "qmr"};
    CLI::App* map;
    PoolOptionsGiven given;

    explicit Command(const std::vector<std::string_view>& left_out = {})
        : map((app.set_help_all_flag("--help-all", "All"), app.add_subcommand("map", "Run"))),
          given(*map, left_out) {}

    PoolOptions options(Words arguments) {
        arguments.insert(arguments.begin(), "map");
        std::reverse(arguments.begin(), arguments.end());
        app.parse(arguments);
        return given.options();
    }
};

PoolOptions options(const Words& arguments) {
    return Command().options(arguments);
}

std::string help(CLI::AppFormatMode mode) {
    const Command command;
    return command.map->help("qmr", mode);
}

}  // namespace

TEST_CASE("cli: without any word, the options are the defaults") {
    const Home home;
    CHECK(qmr::test::values_of(options({})) == qmr::test::values_of(PoolOptions()));
}

TEST_CASE("cli: command line, environment, profile, top level and default follow in this order") {
    const Home home;
    CHECK(options({}).resources.slots == 1);
    Home::write("qmr.json", R"({"slots": 2, "profiles": {"wide": {"slots": 3}}})");
    CHECK(options({}).resources.slots == 2);
    CHECK(options({"--profile", "wide"}).resources.slots == 3);
    const EnvironmentVariable profile("QMR_PROFILE", "wide");
    CHECK(options({}).resources.slots == 3);
    const EnvironmentVariable slots("QMR_SLOTS", "4");
    CHECK(options({}).resources.slots == 4);
    CHECK(options({"--slots", "5"}).resources.slots == 5);
}

TEST_CASE("cli: config files are put together key by key, the nearer one is stronger") {
    const Home home;
    Home::write(".config/qmr.json", R"({"slots": 2, "account": "far"})");
    Home::write("qmr.json", R"({"slots": 3})");
    CHECK(options({}).resources.slots == 3);
    CHECK(options({}).resources.account == "far");
    Home::write("other.json", R"({"slots": 4})");
    CHECK(options({"--config", "other.json"}).resources.slots == 4);
    CHECK(options({"--config", "other.json"}).resources.account.empty());
    const EnvironmentVariable config("QMR_CONFIG", "other.json");
    CHECK(options({}).resources.slots == 4);
}

TEST_CASE("cli: an environment variable that is empty counts as one that is not set") {
    const Home home;
    Home::write("qmr.json", R"({"slots": 2})");
    const EnvironmentVariable slots("QMR_SLOTS", "");
    const EnvironmentVariable profile("QMR_PROFILE", "");
    const EnvironmentVariable config("QMR_CONFIG", "");
    CHECK(options({}).resources.slots == 2);
}

TEST_CASE("cli: the stronger one of num_chunks and chunk_size takes the place of both") {
    const Home home;
    Home::write(".config/qmr.json", R"({"num_chunks": 10})");
    CHECK(options({"--chunk-size", "3"}).num_chunks == std::nullopt);
    CHECK(options({"--chunk-size", "3"}).chunk_size == 3);
    Home::write("qmr.json", R"({"chunk_size": 4})");
    CHECK(options({}).num_chunks == std::nullopt);
    CHECK(options({}).chunk_size == 4);
    const EnvironmentVariable num_chunks("QMR_NUM_CHUNKS", "20");
    CHECK(options({}).num_chunks == 20);
    CHECK(options({}).chunk_size == std::nullopt);
    CHECK(options({"--chunk-size", "3"}).num_chunks == std::nullopt);
    // Said with the same strength it is for the library to refuse.
    CHECK(options({"--chunk-size", "3", "--num-chunks", "2"}).num_chunks == 2);
    CHECK(options({"--chunk-size", "3", "--num-chunks", "2"}).chunk_size == 3);
}

TEST_CASE("cli: a list takes an argument at a time, whatever it looks like, and replaces a weaker list") {
    const Home home;
    Home::write("qmr.json", R"({"submit_arguments": ["-l", "far=1"]})");
    CHECK(options({}).resources.submit_arguments == Words{"-l", "far=1"});
    CHECK(options({"--submit-argument", "-l", "--submit-argument", "[a,b]", "--submit-argument=--x=a b"})
              .resources.submit_arguments == Words{"-l", "[a,b]", "--x=a b"});
}

TEST_CASE("cli: of an option that is given twice the last one counts, under any of its names") {
    const Home home;
    CHECK(options({"--queue", "a", "--queue-name", "b"}).queue_name == "b");
    CHECK(options({"--queue-name", "a", "--queue", "b"}).queue_name == "b");
    CHECK_FALSE(options({"--keep-work-dir", "--no-keep-work-dir"}).keep_work_dir);
    CHECK(options({"--no-keep-work-dir", "--keep-work-dir"}).keep_work_dir);
    CHECK_FALSE(options({"--no-arrays"}).arrays);
}

TEST_CASE("cli: a value that is empty is a value") {
    const Home home;
    Home::write("qmr.json", R"({"queue_name": "far.q"})");
    CHECK(options({"--queue", ""}).queue_name.empty());
}

TEST_CASE("cli: a wrong value is told with the option, as it is on the command line") {
    const Home home;
    CHECK_THROWS_WITH(options({"--max-memory", "4X"}),
                      "--max-memory: \"4X\" is no size; give bytes, or a number with K, M, G or T");
    CHECK_THROWS_AS(options({"--max-memory", "4X"}), qmr::BadInput);
    CHECK_THROWS_WITH(options({"--profile", "a"}), Catch::StartsWith("--profile: unknown profile \"a\""));
    CHECK_THROWS_WITH(options({"--jobs"}), Catch::StartsWith("--jobs: "));
}

TEST_CASE(
    "cli: an option that is left out is not on the command line, and config files do not matter for it") {
    const Home home;
    Home::write("qmr.json", R"({"slots": 2, "work_dir": "there"})");
    Command command({"work_dir", "arrays"});
    const PoolOptions options = command.options({});
    CHECK(options.work_dir.empty());
    CHECK(options.resources.slots == 2);
    CHECK_THROWS_AS(Command({"work_dir"}).options({"--work-dir", "x"}), CLI::ExtrasError);
    CHECK(command.map->help("", CLI::AppFormatMode::All).find("--arrays") == std::string::npos);
    CHECK_THROWS_AS(Command({"workdir"}), std::logic_error);
}

TEST_CASE("cli: --help of a subcommand has the common options of a pool and fits a screen") {
    const Home home;
    const std::string text = help(CLI::AppFormatMode::Normal);
    for (const char* name :
         {"--memory", "--walltime", "--queue", "--batch-system", "--num-chunks", "--chunk-size",
          "--max-num-running", "--work-dir", "--profile", "--config", "--progress"})
        CHECK_THAT(text, Catch::Contains(name));
    CHECK(text.find("--qacct-path") == std::string::npos);
    // A subcommand needs lines of its own.
    CHECK(std::count(text.begin(), text.end(), '\n') <= 25);
}

TEST_CASE(
    "cli: --help-all of a subcommand has each option with its default, variable and key, in lines that fit") {
    const Home home;
    const std::string text = help(CLI::AppFormatMode::All);
    for (const auto& option : qmr::test::all_pool_options()) {
        CHECK_THAT(text, Catch::Contains("\n  " + command_line_name(option)));
        CHECK_THAT(text, Catch::Contains("$" + environment_variable(option) + "; \"" +
                                         std::string(option.key) + "\"\n"));
    }
    CHECK_THAT(text, Catch::Contains("default: 5s; $QMR_POLLING_INTERVAL"));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK(line.size() <= 100);
    }
}
