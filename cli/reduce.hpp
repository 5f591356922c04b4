#pragma once

#include <filesystem>
#include <qmr/options.hpp>

#include "cli/print_outcomes.hpp"
#include "cli/reduction.hpp"

namespace qmr::cli {

/// A reduction of a map that is complete.
struct ReductionOf {
    std::filesystem::path work_dir;  ///< of the map, absolute
    std::size_t num_tasks = 0;       ///< of the map, at least 1
    Reduction reduction;
    PoolOptions options;          ///< of the map
    bool retries_failed = false;  ///< commands that failed are run again
};

/// Brings it to its end, level after level, from where it is. The last output is printed, and the work_dir
/// removed when nothing in it is worth a look; commands that failed are left to the printer. Blocks until all
/// is done. Throws as Pool::for_each_result().
void reduce(const ReductionOf& map, OutcomePrinter& printer);

}  // namespace qmr::cli
