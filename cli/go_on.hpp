#pragma once

#include <filesystem>
#include <memory>
#include <qmr/qmr.hpp>
#include <string>

#include "cli/print_outcomes.hpp"
#include "cli/subcommands.hpp"

namespace qmr::cli {

/// Which map, and what is printed of it.
struct GoOnArguments {
    std::string work_dir;
    OutputChoice output;
};

/// Adds WORK_DIR and the options for the output.
[[nodiscard]] std::shared_ptr<GoOnArguments> add_go_on_arguments(CLI::App& subcommand);

/// Which tasks are run.
enum class GoOn {
    as_it_is,      ///< those that have no outcome
    retry_failed,  ///< those that failed as well
};

/// Goes on with a map, and prints the outcomes of one that this command began, or what they are reduced to.
/// Those of another program are left for it. Blocks until the map is done. Throws as
/// ExistingMap::for_each_result().
[[nodiscard]] ExitCode go_on(ExistingMap& map, const std::filesystem::path& work_dir,
                             const OutputChoice& output, GoOn how = GoOn::as_it_is);

}  // namespace qmr::cli
