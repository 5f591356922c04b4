#pragma once
// What follows from the options of a map alone.

#include <cstddef>
#include <optional>
#include <string>

#include "decisions/pull_order.hpp"
#include "qmr/options.hpp"

namespace qmr::detail {

/// Throws BadInput, in one line that names the option, when the options make no sense. `num_tasks`: none when
/// it is not known beforehand.
void check_options(const PoolOptions& options, std::optional<std::size_t> num_tasks);

/// Into how many chunks the tasks are cut. `num_cores`: of this machine, none for a batch system.
[[nodiscard]] std::size_t plan_num_chunks(const PoolOptions& options, std::size_t num_tasks,
                                          std::optional<std::size_t> num_cores);

/// How queue jobs are given chunks.
struct JobsPlan {
    bool is_pulled = false;
    std::size_t max_num_jobs = 0;  ///< in the queue at a time, where they pull
    Seconds max_job_time{0};       ///< where they pull
    PullWay pull_way = PullWay::spread;

    friend bool operator==(const JobsPlan&, const JobsPlan&) = default;
};

[[nodiscard]] JobsPlan plan_jobs(const PoolOptions& options, std::size_t num_chunks,
                                 std::optional<std::size_t> num_cores);

/// For a person, to stand behind the number of chunks.
[[nodiscard]] std::string describe(const JobsPlan& plan, bool is_local);

}  // namespace qmr::detail
