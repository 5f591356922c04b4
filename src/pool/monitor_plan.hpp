#pragma once

#include "decisions/decisions.hpp"
#include "pool/plan.hpp"

namespace qmr::detail {

/// What the monitor of a map goes by. `batch_system`: null for the local cores.
[[nodiscard]] MonitorOptions plan_monitor(const PoolOptions& options, const JobsPlan& jobs,
                                          std::size_t num_chunks, const BatchSystem* batch_system);

}  // namespace qmr::detail
