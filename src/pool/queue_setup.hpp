#pragma once

#include <functional>
#include <memory>
#include <string>

#include "adapters/json_lines.hpp"
#include "pool/queue_choice.hpp"
#include "ports/job_queue.hpp"
#include "qmr/options.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// The batch system that was chosen as the queue of a map. What its programs say goes to the log, which has
/// to outlive the queue; `on_command` is called after each.
[[nodiscard]] std::unique_ptr<JobQueue> make_command_queue(const QueueChoice& choice,
                                                           const PoolOptions& options,
                                                           const WorkDir& work_dir,
                                                           const std::string& session_id, JsonLines& log,
                                                           const std::function<void()>& on_command);

}  // namespace qmr::detail
