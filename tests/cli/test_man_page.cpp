#include <CLI/CLI.hpp>
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <sstream>

#include "adapters/subprocess.hpp"
#include "cli/man_page.hpp"
#include "described_app.hpp"
#include "temporary_directory.hpp"
#include "wait_until.hpp"

using Catch::Contains;
using qmr::detail::CommandResult;
using qmr::test::DescribedApp;
using Words = std::vector<std::string>;

namespace {

CommandResult groff(const Words& arguments) {
    const qmr::test::TemporaryDirectory directory;
    const std::string file = (directory / "qmr.1").string();
    std::ofstream(file) << qmr::cli::man_page(qmr::cli::describe(*DescribedApp()), "0.1.0");
    Words argv{qmr::detail::find_program("groff").value(), "-man", "-Tutf8", "-ww"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    argv.push_back(file);
    return qmr::detail::run_command(argv, qmr::test::patience);
}

// As it is read, without bold and italic letters.
std::string page() {
    return groff({"-P-cbou"}).out;
}

Words words_of(const std::string& line) {
    std::istringstream stream(line);
    return {std::istream_iterator<std::string>(stream), {}};
}

}  // namespace

TEST_CASE("cli: the man page is right for groff") {
    const CommandResult ran = groff({"-z"});
    CHECK(ran.status.exit_code == 0);
    CHECK(ran.err.empty());
}

TEST_CASE("cli: the man page has each subcommand and each of its options") {
    const DescribedApp app;
    const std::string text = page();
    for (const CLI::App* subcommand : app.subcommands()) {
        CHECK_THAT(text, Contains("\n   qmr " + subcommand->get_name() + " [OPTIONS]"));
        for (const std::string& name : DescribedApp::option_names(*subcommand)) {
            CAPTURE(subcommand->get_name(), name);
            const bool is_there = text.find(" " + name + " ") != std::string::npos ||
                                  text.find(" " + name + ",") != std::string::npos ||
                                  text.find(" " + name + "\n") != std::string::npos;
            CHECK(is_there);
        }
    }
    CHECK(text.find("qmr man") == std::string::npos);
}

TEST_CASE("cli: the man page tells which options of a pool a subcommand does not have") {
    const std::string text = qmr::cli::man_page(qmr::cli::describe(*DescribedApp()), "0.1.0");
    CHECK_THAT(text, Contains("And all OPTIONS OF A POOL.\n"));
    CHECK_THAT(text, Contains("And the OPTIONS OF A POOL but \\-\\-batch\\-system, "));
}

TEST_CASE("cli: the man page has an example as it is to be typed") {
    CHECK_THAT(page(), Contains("\n           seq 100 | qmr map -- ./simulate --seed {} > energies\n"));
}

TEST_CASE("cli: the examples of the man page have subcommands and options that there are") {
    const DescribedApp app;
    const std::string text = page();
    std::istringstream lines(text.substr(text.find("\nEXAMPLES\n")));
    int num_examples = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto begin = line.find("qmr ");
        if (!line.starts_with("           ") || begin == std::string::npos) continue;
        ++num_examples;
        Words words = words_of(line.substr(begin));
        words.erase(std::ranges::find(words, "--"), words.end());
        CAPTURE(line);
        const CLI::App* subcommand = app->get_subcommand(words.at(1));
        for (const std::string& word : words)
            if (word.starts_with("--")) CHECK(subcommand->get_option_no_throw(word) != nullptr);
    }
    CHECK(num_examples >= 5);
}
