#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "cli/option_value.hpp"
#include "cli/pool_options.hpp"
#include "decisions/batch_system.hpp"
#include "ground/environment_variable.hpp"
#include "home.hpp"
#include "value_of.hpp"

using namespace qmr::cli;
using qmr::PoolOptions;
using qmr::test::all_pool_options;
using qmr::test::EnvironmentVariable;
using qmr::test::value_of;
using qmr::test::values_of;

namespace {

std::string text_of_source(const std::string& file) {
    std::ifstream stream(std::string(QMR_TEST_SOURCE_DIRECTORY) + "/" + file);
    REQUIRE(stream);
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::set<std::string> keys() {
    std::set<std::string> all;
    for (const auto& option : all_pool_options()) CHECK(all.insert(std::string(option.key)).second);
    return all;
}

// The names of the members that a header declares for a struct, behind a prefix.
std::set<std::string> members(const std::string& header, const std::string& name, const std::string& prefix) {
    const auto begin = header.find("\nstruct " + name + " {");
    REQUIRE(begin != std::string::npos);
    const std::string body = header.substr(begin, header.find("\n};", begin) - begin);
    const std::regex declaration(R"(\n    [^ /\n][^\n]*? (\w+)(?: =|;|\{))");
    std::set<std::string> found;
    for (std::sregex_iterator match(body.begin(), body.end(), declaration), end; match != end; ++match)
        found.insert(prefix + (*match)[1].str());
    return found;
}

// A value as an environment variable and as a command line have it, which is no default.
struct Sample {
    std::string variable;
    Json given;
};

std::vector<Sample> samples(const PoolOption& option) {
    std::vector<Sample> all;
    for (const auto& word : choices(option)) all.push_back({word, word});
    if (!all.empty()) return all;
    if (is_list(option)) return {{"one two*", {"one", "two*"}}};
    if (is_flag(option)) return {{"1", "true"}, {"0", "false"}};
    if (option.value == "SIZE") return {{"3M", "3M"}, {"12345", 12345}};
    if (option.value == "TIME") return {{"3.5", "3.5s"}, {"180", "3m"}, {"4", 4}};
    if (option.value == "FACTOR") return {{"3.5", "3.5"}, {"3.5", 3.5}};
    if (option.value == "N") return {{"7", "7"}, {"7", 7}};
    return {{"some thing", "some thing"}};
}

std::string replaced(std::string_view text, const std::regex& what, const char* by) {
    return std::regex_replace(std::string(text), what, by);
}

// The line of an option in docs/configuration.md.
std::string documented(const PoolOption& option) {
    const std::string value = is_flag(option) ? "true|false" : std::string(option.value);
    const std::string otherwise(option.default_value);
    return fmt::format("| `{}` | {} | {} | {} |\n", option.key,
                       replaced(value, std::regex("\\|"), ", ") + (is_list(option) ? " list" : ""),
                       otherwise.empty() ? "" : "`" + otherwise + "`",
                       replaced(option.help, std::regex("<|>"), "\\$&"));
}

}  // namespace

TEST_CASE("cli: each member of PoolOptions is an option of the command, but those that are named here") {
    const std::string header = text_of_source("include/qmr/options.hpp");
    auto expected = members(header, "PoolOptions", "");
    expected.merge(members(header, "Resources", ""));
    expected.merge(members(header, "RetryLimits", "max_num_retries_"));
    // Structs whose members are there; options that subcommands have under names of their own.
    for (const char* name : {"resources", "max_num_retries", "resume", "resume_hint", "application_data",
                             "max_num_retries_exception"})
        CHECK(expected.erase(name) == 1);
    CHECK(keys() == expected);
}

TEST_CASE("cli: an option does what its environment variable does, and nothing else") {
    const qmr::test::Home site;
    for (const auto& option : all_pool_options()) {
        for (const auto& [variable, given] : samples(option)) {
            CAPTURE(option.key, variable);
            PoolOptions by_option;
            put(by_option, option, given, "--option");
            const std::string name = environment_variable(option);
            const EnvironmentVariable set(name.c_str(), variable);
            CHECK(values_of(by_option) == values_of(PoolOptions()));
        }
    }
}

TEST_CASE("cli: the default that is told of an option is its default") {
    const qmr::test::Home site;
    for (const auto& option : all_pool_options()) {
        CAPTURE(option.key);
        const Json value = value_of(PoolOptions(), option);
        const std::string told(option.default_value);
        if (told.empty()) {
            CHECK((value.empty() || value == ""));
            continue;
        }
        PoolOptions changed;
        put(changed, option, samples(option).back().given, "--option");
        put(changed, option, is_list(option) ? Json{told} : Json(told), "--option");
        CHECK(value_of(changed, option) == value);
    }
}

TEST_CASE("cli: the batch systems that can be chosen are those of the library") {
    std::set<std::string> expected{"auto", "local"};
    for (const auto& row : qmr::detail::batch_systems()) expected.insert(std::string(row.name));
    const auto words = choices(*find_pool_option("batch_system"));
    CHECK(std::set(words.begin(), words.end()) == expected);
}

TEST_CASE("cli: an option that can be repeated is in the singular on the command line") {
    CHECK(command_line_name(*find_pool_option("submit_arguments")) == "--submit-argument");
    CHECK(command_line_name(*find_pool_option("arrays")) == "--arrays");
    CHECK(find_pool_option("resume") == nullptr);
}

TEST_CASE("cli: docs/configuration.md has the table of options that the command has") {
    std::string expected = "| key | value | default | |\n|---|---|---|---|\n";
    for (const auto& option : all_pool_options()) expected += documented(option);
    const std::string text = text_of_source("docs/configuration.md");
    const auto begin = text.find("| key |");
    REQUIRE(begin != std::string::npos);
    const std::string table = text.substr(begin, text.find("\n\n", begin) + 1 - begin);
    CHECK(table == expected);
}
