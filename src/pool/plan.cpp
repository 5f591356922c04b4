#include "pool/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "qmr/error.hpp"
#include "vocabulary/chunking.hpp"

namespace qmr::detail {

namespace {

void require(bool condition, const char* sentence) {
    if (!condition) throw BadInput(std::string("map: ") + sentence + "; nothing was submitted");
}

// Enough to even out tasks of different lengths; few enough for the file system and the queue master.
constexpr std::size_t chunks_for_batch_system = 1000;

// On local cores a chunk costs a millisecond. Where tasks are many, few chunks are even by themselves.
constexpr std::size_t chunks_for_core = 16;
constexpr std::size_t chunks_for_core_of_many_tasks = 2;
constexpr std::size_t many_tasks_for_core = 10'000;

// More would hardly run at a time for one user, and others could not see the queue for ours.
constexpr std::size_t most_pulling_jobs = 1000;

// A slot that is given back now and then is what lets a batch system be fair.
constexpr Seconds longest_job_time{3600};

}  // namespace

void check_options(const PoolOptions& options, std::optional<std::size_t> num_tasks) {
    require(!(options.num_chunks && options.chunk_size), "num_chunks and chunk_size can not both be set");
    require(!options.num_chunks || *options.num_chunks > 0, "num_chunks is 0, but must be at least 1");
    require(!options.chunk_size || *options.chunk_size > 0, "chunk_size is 0, but must be at least 1");
    require(num_tasks || options.chunk_size, "a range of unknown length needs the option chunk_size");
    require(options.polling_interval.count() > 0 && options.polling_interval.count() <= 5,
            "polling_interval must be above 0 and at most 5 s");
    require(options.command_time_limit.count() > 0, "command_time_limit must be above 0 s");
    require(options.file_system_latency.count() >= 0, "file_system_latency must be at least 0 s");
    require(options.settling_time.count() >= 0 && options.settling_time.count() <= 60,
            "settling_time must be at least 0 s and at most 60 s");
    require(options.pending_notice.count() > 0, "pending_notice must be above 0 s");
    require(options.max_job_time.count() >= 0, "max_job_time must be at least 0 s");
    require(!options.error_state_indicator.empty(), "error_state_indicator must have at least one letter");
    require(!options.max_num_running || *options.max_num_running > 0,
            "max_num_running is 0, but must be at least 1");
    require(!options.max_array_size || *options.max_array_size > 0,
            "max_array_size is 0, but must be at least 1");
    require(options.resources.slots > 0, "resources.slots is 0, but must be at least 1");
    require(options.resources.walltime.count() >= 0, "resources.walltime must be at least 0 s");
    require(options.resources.max_walltime.count() >= 0, "resources.max_walltime must be at least 0 s");
    require(options.resources.memory_factor >= 1, "resources.memory_factor must be at least 1");
    require(options.resources.walltime_factor >= 1, "resources.walltime_factor must be at least 1");
    require(options.backup_factor == 0 || options.backup_factor > 1, "backup_factor must be above 1, or 0");
    require(options.resume.empty() || options.work_dir.empty(), "resume and work_dir can not both be set");
}

std::size_t plan_num_chunks(const PoolOptions& options, std::size_t num_tasks,
                            std::optional<std::size_t> num_cores) {
    if (options.num_chunks) return std::min(num_tasks, *options.num_chunks);
    if (options.chunk_size) return num_chunks_for_size(num_tasks, *options.chunk_size);
    if (!num_cores) return std::min(num_tasks, chunks_for_batch_system);
    const bool are_many = num_tasks / *num_cores >= many_tasks_for_core;
    return std::min(num_tasks, *num_cores * (are_many ? chunks_for_core_of_many_tasks : chunks_for_core));
}

JobsPlan plan_jobs(const PoolOptions& options, std::size_t num_chunks, std::optional<std::size_t> num_cores) {
    const std::size_t num_slots = num_cores
                                      ? std::min(*num_cores, options.max_num_running.value_or(*num_cores))
                                      : options.max_num_running.value_or(most_pulling_jobs);
    // How many slots a batch system has for us is not known, unless the caller says so.
    const bool are_slots_known = num_cores || options.max_num_running;
    const bool is_pulled = options.jobs == Jobs::pull || (options.jobs == Jobs::automatic &&
                                                          num_chunks > (are_slots_known ? num_slots : 1));
    if (!is_pulled) return {};
    // The local cores know no walltime.
    const Seconds walltime = num_cores ? Seconds{0} : Seconds{options.resources.walltime};
    const Seconds fair = walltime.count() > 0 ? std::min(longest_job_time, walltime / 2) : longest_job_time;
    return {true, std::min(num_chunks, num_slots),
            options.max_job_time.count() > 0 ? options.max_job_time : fair};
}

std::string describe(const JobsPlan& plan, bool is_local) {
    if (!plan.is_pulled) return {};
    return is_local ? ", pulled" : fmt::format(", pulled by up to {} queue jobs", plan.max_num_jobs);
}

}  // namespace qmr::detail
