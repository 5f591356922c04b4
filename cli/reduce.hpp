#pragma once

#include <filesystem>
#include <qmr/options.hpp>
#include <qmr/result.hpp>
#include <vector>

#include "cli/print_outcomes.hpp"
#include "cli/reduction.hpp"

namespace qmr::cli {

/// A reduction of a map that has come to its end.
struct ReductionOf {
    std::filesystem::path work_dir;  ///< of the map, absolute
    Reduction reduction;
    PoolOptions options = {};     ///< of the map
    bool retries_failed = false;  ///< commands that failed are run again
};

/// Brings it to its end, level after level, from where it is; not where tasks of the map have failed. The
/// last output is printed, and the work_dir removed when nothing in it is worth a look; failures, also those
/// of the tasks, are left to the printer. Blocks until all is done. Throws as Pool::for_each_result().
void reduce(ReductionOf map, const std::vector<TaskFailure>& failures_of_tasks, OutcomePrinter& printer);

}  // namespace qmr::cli
