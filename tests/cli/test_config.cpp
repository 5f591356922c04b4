#include <catch2/catch.hpp>
#include <filesystem>
#include <qmr/error.hpp>

#include "cli/config.hpp"
#include "home.hpp"

using namespace qmr::cli;
using qmr::test::EnvironmentVariable;
using qmr::test::Home;

namespace {

template <class Do>
std::string refusal(Do act) {
    try {
        static_cast<void>(act());
    } catch (const qmr::BadInput& bad) {
        return bad.what();
    }
    return "accepted";
}

std::string refusal_of(std::string_view text) {
    return refusal([&] { return parse_config("qmr.json", text); });
}

std::vector<std::string> paths_of(const std::vector<Config>& configs) {
    std::vector<std::string> paths;
    for (const auto& config : configs) paths.push_back(config.path);
    return paths;
}

}  // namespace

TEST_CASE("cli: a config file has options and profiles with others, and may have comments") {
    const Config config = parse_config("qmr.json", R"({
        // the site's
        "polling_interval": 1, "queue_name": "long.q", "profile": "small",
        /* more */
        "profiles": {"small": {"memory": "2G"}, "gpu": {"submit_arguments": ["-l", "gpu=1"]}}
    })");
    CHECK(config.options == Json{{"polling_interval", 1}, {"queue_name", "long.q"}});
    CHECK(config.profile == "small");
    CHECK(config.profiles.at("small") == Json{{"memory", "2G"}});
    CHECK(parse_config("qmr.json", "{}").profile == std::nullopt);
}

TEST_CASE("cli: an unknown key of a config file is refused with the nearest one") {
    CHECK(refusal_of(R"({"poling_interval": 1})") ==
          R"(qmr.json: unknown key "poling_interval"; did you mean "polling_interval"?)");
    CHECK(refusal_of(R"({"profiles": {"small": {"poling_interval": 1}}})") ==
          R"(qmr.json: unknown key "poling_interval" in profile "small"; did you mean "polling_interval"?)");
    CHECK(refusal_of(R"({"profils": {}})") == R"(qmr.json: unknown key "profils"; did you mean "profile"?)");
    CHECK(refusal_of(R"({"colour": 1})") ==
          R"(qmr.json: unknown key "colour"; qmr map --help-all tells all keys)");
    // A profile is not in a profile.
    CHECK(refusal_of(R"({"profiles": {"small": {"profile": "gpu"}}})") ==
          R"(qmr.json: unknown key "profile" in profile "small"; qmr map --help-all tells all keys)");
}

TEST_CASE("cli: a wrong value in a config file is refused with file, key and what is expected") {
    CHECK(refusal_of(R"({"memory": "4X"})") ==
          R"(qmr.json: "memory": "4X" is no size; give bytes, or a number with K, M, G or T)");
    CHECK(refusal_of(R"({"profiles": {"small": {"arrays": "no"}}})") ==
          R"(qmr.json: "arrays" in profile "small": "no" is neither true nor false)");
    CHECK(refusal_of(R"({"profile": 1})") == R"(qmr.json: "profile" is no text; give the name of a profile)");
    CHECK(refusal_of(R"({"profiles": []})") ==
          R"(qmr.json: "profiles" is no object; give profiles by their names)");
    CHECK(refusal_of(R"({"profiles": {"small": 1}})") ==
          R"(qmr.json: profile "small" is no object; give options by their keys)");
    CHECK(refusal_of("[]") == "qmr.json: a config file is a JSON object: { ... }");
}

TEST_CASE("cli: a config file that is no JSON is refused with the line and the column") {
    CHECK_THAT(refusal_of("{\n  \"memory\": 4G\n}"),
               Catch::StartsWith("qmr.json: parse error at line 2, column 14: syntax error"));
    CHECK_THAT(refusal_of(""), Catch::StartsWith("qmr.json: parse error at line 1, column 1: syntax error"));
}

TEST_CASE("cli: of the usual config files, those that exist are read, the nearer one later") {
    const Home home;
    CHECK(read_configs(std::nullopt).empty());
    Home::write("qmr.json", "{}");
    CHECK(paths_of(read_configs(std::nullopt)) == std::vector<std::string>{"qmr.json"});
    Home::write(".config/qmr.json", "{}");
    CHECK(paths_of(read_configs(std::nullopt)) ==
          std::vector<std::string>{home.path() + "/.config/qmr.json", "qmr.json"});
    const EnvironmentVariable config_home("XDG_CONFIG_HOME", home.path());
    CHECK(paths_of(read_configs(std::nullopt)) ==
          std::vector<std::string>{home.path() + "/qmr.json", "qmr.json"});
}

TEST_CASE("cli: a config file that is given is read alone, and must exist") {
    const Home home;
    Home::write("qmr.json", "{}");
    Home::write("other.json", "{}");
    CHECK(paths_of(read_configs("other.json")) == std::vector<std::string>{"other.json"});
    CHECK(refusal([] { return read_configs("none.json"); }) ==
          "none.json: the config file can not be read: No such file or directory");
    CHECK(refusal([] { return read_configs("other.json/none.json"); }) ==
          "other.json/none.json: the config file can not be read: Not a directory");
}

TEST_CASE("cli: a usual config file that is there, but can not be read, is not passed over") {
    const Home home;
    std::filesystem::create_directory("qmr.json");
    CHECK(refusal([] { return read_configs(std::nullopt); }) ==
          "qmr.json: the config file can not be read: Is a directory");
}

TEST_CASE("cli: a profile is stronger than top levels, and a nearer file than a farther one") {
    const std::vector<Config> configs{
        parse_config("far",
                     R"({"slots": 1, "profile": "b", "profiles": {"a": {"slots": 2}, "b": {"slots": 3}}})"),
        parse_config("near", R"({"slots": 4, "profile": "a", "profiles": {"a": {"slots": 5}}})")};
    const auto slots_with = [&](const std::optional<ProfileName>& profile) {
        std::vector<int> slots;
        for (const auto& layer : config_layers(configs, profile))
            slots.push_back(layer.at("slots").get<int>());
        return slots;
    };
    CHECK(slots_with(std::nullopt) == std::vector{1, 4, 2, 5});
    CHECK(slots_with(ProfileName{"b", "--profile"}) == std::vector{1, 4, 3});
}

TEST_CASE("cli: an unknown profile is refused with those that are known, and the nearest") {
    const std::vector<Config> configs{
        parse_config("far", R"({"profiles": {"small": {}, "gpu": {}}})"),
        parse_config("near", R"({"profile": "big", "profiles": {"small": {}}})")};
    CHECK(refusal([&] {
              return config_layers(configs, ProfileName{"smal", "--profile"});
          }) ==
          R"(--profile: unknown profile "smal"; did you mean "small"? (far and near have: gpu, small))");
    CHECK(refusal([&] { return config_layers(configs, std::nullopt); }) ==
          R"(near: "profile": unknown profile "big" (far and near have: gpu, small))");
    CHECK(refusal([] {
              return config_layers({parse_config("far", "{}")}, ProfileName{"a", "--profile"});
          }) == R"(--profile: unknown profile "a" (far has: none))");
    CHECK(refusal([] {
              return config_layers({}, ProfileName{"a", "$QMR_PROFILE"});
          }) == R"($QMR_PROFILE: unknown profile "a" (there is no config file))");
}
