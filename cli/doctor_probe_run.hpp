#pragma once

#include <filesystem>
#include <qmr/options.hpp>
#include <string>
#include <vector>

#include "cli/doctor_check.hpp"

namespace qmr::cli {

/// A map of one task that is to be tried.
struct ProbeRun {
    PoolOptions options;              ///< as a map would have them
    std::string batch_system;         ///< that it would use
    std::filesystem::path directory;  ///< for its work_dir
    Seconds time_limit{60};
};

/// Maps the probe, and gives its checks. What the library says meanwhile is told on stderr. After the time
/// limit its queue job is deleted. Blocks until nothing of it is in the queue, and its work_dir is gone; a
/// signal that ends this process ends it after that. Throws Error when no process can be made.
[[nodiscard]] std::vector<Check> run_probe(const ProbeRun& run);

}  // namespace qmr::cli
