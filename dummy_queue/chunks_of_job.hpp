#pragma once
// Which chunks a queue job works on, as the pool writes it down.

#include <boost/filesystem/path.hpp>
#include <functional>
#include <vector>

#include "dummy_queue/state.hpp"

namespace qmr::dummy_queue {

/// The work_dir when the command is `<work_dir>/worker_launcher.sh ISUBMISSION [INDEX]`, else empty.
[[nodiscard]] boost::filesystem::path work_dir_of(const Submission&);

/// Line INDEX of `<work_dir>/{ISUBMISSION:06d}.jobs`. Empty for commands that are none of a pool.
[[nodiscard]] std::vector<std::uint64_t> chunks_of_job(const Submission&, std::uint64_t task);

/// The seam for tests without files.
using ChunksOfJob = std::function<std::vector<std::uint64_t>(const Submission&, std::uint64_t task)>;

/// What faults are matched with. The chunks are looked up only when some fault names one.
[[nodiscard]] FaultTarget fault_target(const State&, const Job&, std::uint64_t task, const ChunksOfJob&);

}  // namespace qmr::dummy_queue
