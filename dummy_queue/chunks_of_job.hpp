#pragma once
// Which chunks a queue job works on, as the pool writes it down.

#include <boost/filesystem/path.hpp>
#include <functional>
#include <string>

#include "dummy_queue/state.hpp"

namespace qmr::dummy_queue {

/// The work_dir when the command is `<work_dir>/worker_launcher.sh ISUBMISSION [INDEX]`, else empty.
[[nodiscard]] boost::filesystem::path work_dir_of(const Submission&);

/// Line INDEX of `<work_dir>/{ISUBMISSION:06d}.jobs`, and, where the manifest says that queue jobs pull and
/// the line does not say `only`, the chunks whose claim names this one. Empty for commands that are none of a
/// pool.
[[nodiscard]] WorkOfJob chunks_of_job(const Submission&, std::uint64_t task);

/// The claim on a chunk.
[[nodiscard]] std::string claim_on(const WorkOfJob&, std::uint64_t ichunk);

/// Whether this link is there and says this.
[[nodiscard]] bool is_claimed(const std::string& claim, const std::string& claimant);

/// The seam for tests without files.
using ChunksOfJob = std::function<WorkOfJob(const Submission&, std::uint64_t task)>;

/// What faults are matched with. The chunks are looked up only when some fault names one.
[[nodiscard]] FaultTarget fault_target(const State&, const Job&, std::uint64_t task, const ChunksOfJob&);

}  // namespace qmr::dummy_queue
