#pragma once

#include <chrono>

#include "adapters/manifest.hpp"
#include "vocabulary/work_dir.hpp"
#include "worker/worker.hpp"

namespace qmr::detail {

/// Works on the chunks of a queue job: those on its line of the `.jobs` file; or, where queue jobs pull,
/// those first and then whatever nobody has claimed. It never waits for work: when nothing is left, it ends.
/// `begin` is when the queue job began. Throws Error when it can not work at all.
[[nodiscard]] WorkerExit run_queue_job(const WorkDir& work_dir, const Manifest& manifest, JobKey job,
                                       std::chrono::steady_clock::time_point begin);

}  // namespace qmr::detail
