#pragma once

#include <filesystem>
#include <qmr/qmr.hpp>

#include "cli/print_outcomes.hpp"
#include "cli/subcommands.hpp"

namespace qmr::cli {

/// Goes on with a map, and prints the outcomes of one that this command began. Those of another program are
/// left for it. Blocks until the map is done. Throws as ExistingMap::for_each_result().
[[nodiscard]] ExitCode go_on(ExistingMap& map, const std::filesystem::path& work_dir,
                             const OutputChoice& output);

}  // namespace qmr::cli
