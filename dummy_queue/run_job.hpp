#pragma once
// Runs the command of a queue job to its end, as an execution host would.

#include <boost/filesystem/path.hpp>
#include <cstddef>
#include <functional>

#include "dummy_queue/step.hpp"

namespace qmr::dummy_queue {

/// Whether a fault strikes now; asked when what it waits for has come.
using Strikes = std::function<bool(std::size_t ifault)>;

/// To be called in a process that does nothing else, and that has SIGTERM and SIGCHLD blocked: SIGTERM
/// kills the command, as qdel does. The temporary directory of the command is made below `parent`.
[[nodiscard]] RunResult run_job(const RunOrder&, const Strikes&, const boost::filesystem::path& parent);

}  // namespace qmr::dummy_queue
