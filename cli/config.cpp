#include "cli/config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <qmr/error.hpp>
#include <ranges>
#include <set>
#include <system_error>

#include "cli/json.hpp"
#include "cli/nearest.hpp"
#include "cli/option_value.hpp"
#include "cli/pool_options.hpp"

namespace qmr::cli {

namespace {

constexpr auto profile_key = "profile";
constexpr auto profiles_key = "profiles";

std::vector<std::string> known_keys(bool is_profile) {
    std::vector<std::string> keys;
    for (const auto& group : pool_option_groups())
        for (const auto& option : group.options) keys.emplace_back(option.key);
    if (!is_profile) keys.insert(keys.end(), {profile_key, profiles_key});
    return keys;
}

std::string in_profile(const std::optional<std::string>& name) {
    return name ? fmt::format(" in profile \"{}\"", *name) : std::string();
}

void require(bool condition, const std::string& message) {
    if (!condition) throw BadInput(message);
}

void check_options(const std::string& path, const Json& values, const std::optional<std::string>& profile) {
    PoolOptions scratch;
    for (const auto& [key, value] : values.items()) {
        const PoolOption* option = find_pool_option(key);
        if (option == nullptr) {
            const std::string meant = did_you_mean(key, known_keys(profile.has_value()));
            throw BadInput(fmt::format("{}: unknown key \"{}\"{}{}", path, key, in_profile(profile),
                                       meant.empty() ? "; qmr map --help-all tells all keys" : meant));
        }
        put(scratch, *option, value, fmt::format("{}: \"{}\"{}", path, key, in_profile(profile)));
    }
}

Json parse(const std::string& path, std::string_view text) {
    try {
        constexpr bool throws = true;
        constexpr bool ignores_comments = true;
        return Json::parse(text, nullptr, throws, ignores_comments);
    } catch (const Json::exception& bad) {
        // What it says begins with an identifier of its own; the line and column are behind that.
        const std::string_view what = bad.what();
        const auto end = what.find("] ");
        throw BadInput(
            fmt::format("{}: {}", path, end == std::string_view::npos ? what : what.substr(end + 2)));
    }
}

Json take(Json& object, const char* key, Json otherwise) {
    const auto found = object.find(key);
    if (found == object.end()) return otherwise;
    Json value = std::move(*found);
    object.erase(found);
    return value;
}

// None: there is none, and it need not be there.
std::optional<Config> read_config(const std::string& path, bool must_exist) {
    std::ifstream file(path, std::ios::binary);
    int error = file ? 0 : errno;
    std::string text;
    if (file) {
        try {
            text.assign(std::istreambuf_iterator<char>(file), {});
        } catch (const std::ios_base::failure&) {
            error = errno;  // a directory can be opened, but not read
        }
    }
    if (!must_exist && (error == ENOENT || error == ENOTDIR)) return std::nullopt;
    require(error == 0, fmt::format("{}: the config file can not be read: {}", path,
                                    std::generic_category().message(error)));
    return parse_config(path, text);
}

std::vector<std::string> default_paths() {
    const auto variable = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value == nullptr ? "" : value);
    };
    std::vector<std::string> paths;
    if (const std::string config_home = variable("XDG_CONFIG_HOME"); !config_home.empty())
        paths.push_back(config_home + "/qmr.json");
    else if (const std::string home = variable("HOME"); !home.empty())
        paths.push_back(home + "/.config/qmr.json");
    paths.emplace_back("qmr.json");
    return paths;
}

[[noreturn]] void refuse_profile(const ProfileName& profile, const std::vector<Config>& configs) {
    std::set<std::string> known;
    std::vector<std::string> paths;
    for (const auto& config : configs) {
        paths.push_back(config.path);
        for (const auto& [name, values] : config.profiles.items()) known.insert(name);
    }
    std::string there = "there is no config file";
    if (!paths.empty())
        there = fmt::format("{} {}: {}", fmt::join(paths, " and "), paths.size() == 1 ? "has" : "have",
                            known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", ")));
    throw BadInput(fmt::format("{}: unknown profile \"{}\"{} ({})", profile.where, profile.name,
                               did_you_mean(profile.name, std::vector(known.begin(), known.end())), there));
}

}  // namespace

Config parse_config(std::string path, std::string_view text) {
    Json options = parse(path, text);
    require(options.is_object(), fmt::format("{}: a config file is a JSON object: {{ ... }}", path));
    const Json given = take(options, profile_key, "");
    require(given.is_string(),
            fmt::format("{}: \"{}\" is no text; give the name of a profile", path, profile_key));
    Json profiles = take(options, profiles_key, Json::object());
    require(profiles.is_object(),
            fmt::format("{}: \"{}\" is no object; give profiles by their names", path, profiles_key));
    check_options(path, options, std::nullopt);
    for (const auto& [name, values] : profiles.items()) {
        require(values.is_object(),
                fmt::format("{}: profile \"{}\" is no object; give options by their keys", path, name));
        check_options(path, values, name);
    }
    std::optional<std::string> profile = given.get<std::string>();
    if (profile->empty()) profile.reset();
    return {std::move(path), std::move(options), std::move(profile), std::move(profiles)};
}

std::vector<Config> read_configs(const std::optional<std::string>& given) {
    constexpr bool must_exist = true;
    std::vector<Config> configs;
    if (given) return {*read_config(*given, must_exist)};
    for (const auto& path : default_paths())
        if (auto config = read_config(path, !must_exist)) configs.push_back(std::move(*config));
    return configs;
}

std::optional<ProfileName> chosen_profile(const std::vector<Config>& configs,
                                          const std::optional<ProfileName>& given) {
    if (given) return given;
    for (const auto& config : configs | std::views::reverse)
        if (config.profile)
            return ProfileName{*config.profile, fmt::format("{}: \"{}\"", config.path, profile_key)};
    return std::nullopt;
}

std::vector<Json> config_layers(const std::vector<Config>& configs, const std::optional<ProfileName>& given) {
    std::vector<Json> layers;
    for (const auto& config : configs) layers.push_back(config.options);
    const auto name = chosen_profile(configs, given);
    if (!name) return layers;
    const std::size_t num_top_levels = layers.size();
    for (const auto& config : configs)
        if (config.profiles.contains(name->name)) layers.push_back(config.profiles.at(name->name));
    if (layers.size() == num_top_levels) refuse_profile(*name, configs);
    return layers;
}

}  // namespace qmr::cli
