#pragma once
// Config files: JSON objects, in which comments are allowed, with options of a pool by their keys, and with
// named profiles that hold others. docs/configuration.md has an example.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/json.hpp"

namespace qmr::cli {

/// A config file that was read and found to be right.
struct Config {
    std::string path;                    ///< as it is told to the user
    Json options;                        ///< the top level: an object with options by their keys
    std::optional<std::string> profile;  ///< the one to use where no other is chosen
    Json profiles;                       ///< an object with such objects by their names
};

/// The name of a profile, and who gave it: begins the message when there is none of that name.
struct ProfileName {
    std::string name;
    std::string where;
};

/// Reads the text of a config file. Throws BadInput that names the file, and the line or the key.
[[nodiscard]] Config parse_config(std::string path, std::string_view text);

/// The given file alone, which must exist; or else those of $XDG_CONFIG_HOME/qmr.json (~/.config/qmr.json)
/// and
/// ./qmr.json that exist. Weakest first.
[[nodiscard]] std::vector<Config> read_configs(const std::optional<std::string>& given);

/// The profile that applies: the one that is given, or else the one that the configs name. None: there is
/// no such word.
[[nodiscard]] std::optional<ProfileName> chosen_profile(const std::vector<Config>& configs,
                                                        const std::optional<ProfileName>& given);

/// What applies, weakest first, as objects with options by their keys: the top levels, then the
/// chosen profile. Throws BadInput when there is no such profile.
[[nodiscard]] std::vector<Json> config_layers(const std::vector<Config>& configs,
                                              const std::optional<ProfileName>& given);

}  // namespace qmr::cli
