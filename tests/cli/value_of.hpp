#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "cli/pool_options.hpp"

namespace qmr::test {

/// What is in the member of an option: times in seconds, words by their place among those that there are.
inline nlohmann::json value_of(PoolOptions options, const cli::PoolOption& option) {
    struct Read {
        PoolOptions& of;
        nlohmann::json operator()(cli::Member<std::string> member) const { return member(of); }
        nlohmann::json operator()(cli::Member<std::filesystem::path> member) const {
            return member(of).string();
        }
        nlohmann::json operator()(cli::Member<std::vector<std::string>> member) const { return member(of); }
        nlohmann::json operator()(cli::Member<std::size_t> member) const { return member(of); }
        nlohmann::json operator()(cli::Member<std::optional<std::size_t>> member) const {
            return member(of) ? nlohmann::json(*member(of)) : nlohmann::json();
        }
        nlohmann::json operator()(cli::SizeMember member) const { return member.of(of); }
        nlohmann::json operator()(cli::Member<Seconds> member) const { return member(of).count(); }
        nlohmann::json operator()(cli::Member<std::chrono::seconds> member) const {
            return member(of).count();
        }
        nlohmann::json operator()(cli::Member<double> member) const { return member(of); }
        nlohmann::json operator()(cli::Member<bool> member) const { return member(of); }
        nlohmann::json operator()(cli::Member<Progress> member) const { return static_cast<int>(member(of)); }
        nlohmann::json operator()(cli::Member<Jobs> member) const { return static_cast<int>(member(of)); }
    };
    return std::visit(Read{options}, option.member);
}

/// All rows of the table.
inline std::vector<cli::PoolOption> all_pool_options() {
    std::vector<cli::PoolOption> all;
    for (const auto& group : cli::pool_option_groups())
        all.insert(all.end(), group.options.begin(), group.options.end());
    return all;
}

/// What is in all members, by the keys of the options.
inline nlohmann::json values_of(const PoolOptions& options) {
    nlohmann::json values = nlohmann::json::object();
    for (const auto& option : all_pool_options()) values[std::string(option.key)] = value_of(options, option);
    return values;
}

}  // namespace qmr::test
