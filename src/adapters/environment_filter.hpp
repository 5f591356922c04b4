#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qmr::detail {

/// Which variables of the caller's environment reach the tasks.
struct EnvironmentFilter {
    std::vector<std::string> exported = {"*"};             ///< fnmatch(3) patterns; one must match
    std::vector<std::string> withheld;                     ///< none of these may match
    std::span<const std::string_view> own_variables = {};  ///< of the batch system: left alone

    /// Whether the launcher carries it.
    [[nodiscard]] bool passes(const std::string& name) const;
    /// Whether it is one of the batch system, which is for it to set.
    [[nodiscard]] bool is_own(const std::string& name) const;
};

/// The `NAME=value` strings of `environment` that pass the filter.
[[nodiscard]] std::vector<std::string> filtered_environment(const char* const* environment,
                                                            const EnvironmentFilter& filter);

/// The names of those that do not, and are not the batch system's own.
[[nodiscard]] std::vector<std::string> names_held_back(const char* const* environment,
                                                       const EnvironmentFilter& filter);

}  // namespace qmr::detail
