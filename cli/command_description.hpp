#pragma once
// What the command line knows about itself, as data: the man page and the completions are made from it.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/pool_options.hpp"

namespace qmr::cli {

/// An option, or an argument without dashes.
struct DescribedOption {
    std::vector<std::string> names;  ///< such as -0 and --null; of an argument one, such as WORK_DIR
    std::string value;  ///< what to write, such as FILE, or words with '|' between; empty: it is a flag
    std::string help;   ///< one line
    bool is_required = false;
    bool is_list = false;             ///< each time it is given adds a value
    bool is_help = false;             ///< it prints help, and each subcommand has it
    const PoolOption* row = nullptr;  ///< of the table of options of a pool; null: it is none of these
};

/// The command, or a subcommand.
struct CommandDescription {
    std::string name;    ///< one word
    std::string help;    ///< one line
    std::string footer;  ///< explanations and an example, as --help has them
    std::vector<DescribedOption> options;
    std::vector<DescribedOption> arguments;  ///< in their order
    bool takes_command = false;              ///< another command stands behind "--"
    std::vector<CommandDescription> subcommands;
};

/// Everything but hidden subcommands; options, however, that --help leaves out are in it.
[[nodiscard]] CommandDescription describe(const CLI::App& app);

/// How it is called: "[OPTIONS] [WORK_DIR]", without its name.
[[nodiscard]] std::string usage(const CommandDescription& command);

/// The name of a command as it is typed, behind those of its parents.
[[nodiscard]] std::string full_name(const CLI::App& command);

}  // namespace qmr::cli
