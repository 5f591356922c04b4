#pragma once
// Runs the command of a queue job to its end, as an execution host would.

#include <boost/filesystem/path.hpp>
#include <optional>
#include <string>

#include "dummy_queue/step.hpp"

namespace qmr::dummy_queue {

/// When the command is to be killed half way: when the file exists, or else after this time. And how, see
/// Fault.
struct KillPlan {
    double after_seconds = 0;
    std::string after_file;
    std::string order;
    std::string signal;
};

/// To be called in a process that does nothing else, and that has SIGTERM and SIGCHLD blocked: SIGTERM
/// kills the command, as qdel does. The temporary directory of the command is made below `parent`.
[[nodiscard]] RunResult run_job(const RunOrder&, const std::optional<KillPlan>&,
                                const boost::filesystem::path& parent);

}  // namespace qmr::dummy_queue
