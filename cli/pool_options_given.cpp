#include "cli/pool_options_given.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>

#include "cli/config.hpp"
#include "cli/json.hpp"
#include "cli/option_value.hpp"
#include "cli/pool_options_help.hpp"

namespace qmr::cli {

namespace {

// The environment is the library's to read; here it only counts whether a variable is there.
const char* value_of(const std::string& variable) {
    const char* value = std::getenv(variable.c_str());
    return value == nullptr || *value == '\0' ? nullptr : value;
}

bool is_set(const PoolOption& option) {
    return value_of(environment_variable(option)) != nullptr;
}

// The two say the same in different ways, so the stronger takes the place of both.
constexpr std::string_view chunking_keys[] = {"num_chunks", "chunk_size"};

bool is_chunking(std::string_view key) {
    return std::ranges::find(chunking_keys, key) != std::end(chunking_keys);
}

bool is_overruled_by_variable(const PoolOption& option) {
    const auto is_key_set = [](std::string_view key) { return is_set(*find_pool_option(key)); };
    return is_chunking(option.key) ? std::ranges::any_of(chunking_keys, is_key_set) : is_set(option);
}

void put_all(PoolOptions& options, const Json& values) {
    if (std::ranges::any_of(chunking_keys, [&](std::string_view key) { return values.contains(key); })) {
        options.num_chunks.reset();
        options.chunk_size.reset();
    }
    for (const auto& [key, value] : values.items()) {
        const PoolOption& option = *find_pool_option(key);
        put(options, option, value, command_line_name(option));
    }
}

CLI::Option* add(CLI::App& subcommand, const PoolOption& option) {
    const std::string name = command_line_name(option);
    const std::string help(option.help);
    if (is_flag(option)) return subcommand.add_flag(name + ",!--no-" + name.substr(2), help);
    const std::string other = option.short_name.empty() ? "" : ",--" + std::string(option.short_name);
    CLI::Option* added = subcommand.add_option(name + other, help);
    added->type_name(std::string(option.value));
    return is_list(option) ? added->take_all() : added->take_last();
}

CLI::Option* add_text(CLI::App& subcommand, const char* name, const char* value, const std::string& help) {
    return subcommand.add_option(name, help)->type_name(value)->take_last()->group(common_options);
}

std::optional<std::string> last_of(const CLI::Option& parsed, const char* variable) {
    if (parsed.count() > 0) return parsed.results().back();
    const char* value = value_of(variable);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::optional<ProfileName> profile_of(const CLI::Option& parsed) {
    const char* variable = "QMR_PROFILE";
    const auto name = last_of(parsed, variable);
    if (!name) return std::nullopt;
    return ProfileName{*name, parsed.count() > 0 ? "--profile" : std::string("$") + variable};
}

}  // namespace

PoolOptionsGiven::PoolOptionsGiven(CLI::App& subcommand, const std::vector<std::string_view>& left_out)
    : PoolOptionsGiven(subcommand, left_out, true) {}

PoolOptionsGiven PoolOptionsGiven::for_existing_map(CLI::App& subcommand) {
    return {subcommand, {"batch_system", "num_chunks", "chunk_size", "jobs", "work_dir"}, false};
}

PoolOptionsGiven::PoolOptionsGiven(CLI::App& subcommand, const std::vector<std::string_view>& left_out,
                                   bool has_config) {
    if (has_config) {
        config_ = add_text(subcommand, "--config", "FILE",
                           "In place of ~/.config/qmr.json, ./qmr.json; $QMR_CONFIG");
        profile_ = add_text(subcommand, "--profile", "NAME", "Profile in the config files; $QMR_PROFILE");
    }
    for (const auto key : left_out)
        if (find_pool_option(key) == nullptr)
            throw std::logic_error("no option is called " + std::string(key));
    for (const auto& group : pool_option_groups()) {
        for (const auto& option : group.options) {
            if (std::ranges::find(left_out, option.key) != left_out.end()) continue;
            CLI::Option* added = add(subcommand, option);
            added->group(option.is_common ? common_options : other_options);
            given_.push_back({&option, added});
        }
    }
    show_pool_options(subcommand);
}

PoolOptions PoolOptionsGiven::options() const {
    PoolOptions options;
    const auto configs = read_configs(last_of(*config_, "QMR_CONFIG"));
    for (const Json& layer : config_layers(configs, profile_of(*profile_))) {
        Json values = Json::object();
        for (const auto& [option, parsed] : given_)
            if (layer.contains(option->key) && !is_overruled_by_variable(*option))
                values[std::string(option->key)] = layer.at(std::string(option->key));
        put_all(options, values);
    }
    change(options);
    return options;
}

ConfigsUsed PoolOptionsGiven::configs() const {
    ConfigsUsed used;
    const auto configs = read_configs(last_of(*config_, "QMR_CONFIG"));
    for (const Config& config : configs) used.paths.push_back(config.path);
    if (const auto profile = chosen_profile(configs, profile_of(*profile_))) used.profile = profile->name;
    return used;
}

void PoolOptionsGiven::change(PoolOptions& options) const {
    Json values = Json::object();
    for (const auto& [option, parsed] : given_) {
        if (parsed->count() == 0) continue;
        const auto& texts = parsed->results();
        values[std::string(option->key)] = is_list(*option) ? Json(texts) : Json(texts.back());
    }
    put_all(options, values);
}

}  // namespace qmr::cli
