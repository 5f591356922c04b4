#pragma once
// The options of a pool that a subcommand has.

#include <qmr/options.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/pool_options.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace qmr::cli {

/// What of the options is in config files.
struct ConfigsUsed {
    std::vector<std::string> paths;  ///< weakest first
    std::string profile;             ///< empty: none is chosen
};

/// Options of a pool as they are given on a command line. It refers to the subcommand, which must outlive it.
class PoolOptionsGiven {
  public:
    /// Adds all options but those left out, by their keys, and --config and --profile, to a subcommand that
    /// is not parsed yet. --help shows the common ones, --help-all all, so the subcommand gets another
    /// formatter.
    explicit PoolOptionsGiven(CLI::App& subcommand, const std::vector<std::string_view>& left_out = {});

    /// The same for a map that is there already, and has its options: those that may be others now. There are
    /// no config files.
    [[nodiscard]] static PoolOptionsGiven for_existing_map(CLI::App& subcommand);

    /// The defaults, then what is stronger in turn: config files, the profile, environment variables, the
    /// command line. To be called when the command line was parsed. What was left out is as if neither a
    /// config file nor the command line said anything. Reads files. Throws BadInput.
    [[nodiscard]] PoolOptions options() const;

    /// What options() reads. Reads files. Throws BadInput.
    [[nodiscard]] ConfigsUsed configs() const;

    /// Changes what the command line says, and nothing else. Throws BadInput.
    void change(PoolOptions& options) const;

  private:
    PoolOptionsGiven(CLI::App& subcommand, const std::vector<std::string_view>& left_out, bool has_config);
    struct Given {
        const PoolOption* option;
        const CLI::Option* parsed;
    };

    const CLI::Option* config_ = nullptr;
    const CLI::Option* profile_ = nullptr;
    std::vector<Given> given_;
};

}  // namespace qmr::cli
