#include "adapters/environment_filter.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace qmr::detail {

namespace {

bool matches_any(const std::string& name, const auto& patterns) {
    return std::ranges::any_of(patterns, [&](std::string_view pattern) {
        return ::fnmatch(std::string(pattern).c_str(), name.c_str(), 0) == 0;
    });
}

// Calls visit(name, variable) for each that a program can set.
template <class Visit>
void for_each_variable(const char* const* environment, Visit visit) {
    for (; *environment != nullptr; ++environment) {
        const std::string variable = *environment;
        const auto equals = variable.find('=');
        if (equals != std::string::npos && equals != 0) visit(variable.substr(0, equals), variable);
    }
}

}  // namespace

bool EnvironmentFilter::passes(const std::string& name) const {
    return matches_any(name, exported) && !matches_any(name, withheld) && !is_own(name);
}

bool EnvironmentFilter::is_own(const std::string& name) const {
    return matches_any(name, own_variables);
}

std::vector<std::string> filtered_environment(const char* const* environment,
                                              const EnvironmentFilter& filter) {
    std::vector<std::string> kept;
    for_each_variable(environment, [&](const std::string& name, const std::string& variable) {
        if (filter.passes(name)) kept.push_back(variable);
    });
    return kept;
}

std::vector<std::string> names_held_back(const char* const* environment, const EnvironmentFilter& filter) {
    std::vector<std::string> names;
    for_each_variable(environment, [&](const std::string& name, const std::string&) {
        if (!filter.passes(name) && !filter.is_own(name)) names.push_back(name);
    });
    return names;
}

}  // namespace qmr::detail
