#include "pool/monitor_plan.hpp"

#include <algorithm>

namespace qmr::detail {

namespace {

constexpr std::size_t max_local_array = std::size_t{1} << 40;

}  // namespace

MonitorOptions plan_monitor(const PoolOptions& options, const JobsPlan& jobs, std::size_t num_chunks,
                            const BatchSystem* batch_system) {
    MonitorOptions monitor;
    monitor.num_chunks = num_chunks;
    monitor.max_num_resubmissions = options.max_num_resubmissions;
    monitor.max_num_retries = limits_of_chunks(options.max_num_retries);
    monitor.file_system_latency = options.file_system_latency;
    // Who wants to look more often than that does not want to wait longer, either.
    monitor.first_probe_wait = std::min(monitor.first_probe_wait, options.polling_interval);
    monitor.is_listed = batch_system != nullptr;
    monitor.is_pulled = jobs.is_pulled;
    monitor.pull_way = jobs.pull_way;
    monitor.max_num_jobs = jobs.max_num_jobs;
    const Resources& resources = options.resources;
    monitor.demand = {{resources.memory, resources.walltime},
                      {resources.max_memory, resources.max_walltime},
                      resources.memory_factor,
                      resources.walltime_factor};
    // The local cores are one host, and what is slow there is so twice.
    if (batch_system != nullptr) monitor.backup_factor = options.backup_factor;
    if (batch_system == nullptr)
        monitor.max_jobs_per_submission = max_local_array;
    else if (options.arrays)
        monitor.max_jobs_per_submission = options.max_array_size.value_or(batch_system->max_array_size);
    return monitor;
}

}  // namespace qmr::detail
