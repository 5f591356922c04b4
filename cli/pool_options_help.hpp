#pragma once
// What --help and --help-all say about the options of a pool.

namespace CLI {
class App;
}

namespace qmr::cli {

/// The group of the options that --help shows, and that of the others. One without a name is no good for
/// those: CLI11 would not name them in its messages.
inline constexpr auto common_options = "Options of the pool (--help-all shows all)";
inline constexpr auto other_options = "Other options of the pool";

/// What is to be known about all of them: lines.
inline constexpr auto pool_option_notes =
    "Sizes are in bytes, or have a unit (K, M, G, T); times are in seconds, or have a unit (s, m, h, d).\n"
    "What is stronger comes first: the command line, $VARIABLES, the profile, config files, the default.\n";

/// Makes --help-all of a subcommand show those of its options that are options of a pool, with their
/// defaults, environment variables and keys in config files.
void show_pool_options(CLI::App& subcommand);

}  // namespace qmr::cli
