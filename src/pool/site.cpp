#include "qmr/site.hpp"

#include <algorithm>

#include "adapters/local_cores.hpp"
#include "ground/only_errors.hpp"
#include "pool/plan.hpp"
#include "pool/queue_choice.hpp"

namespace qmr {

void check_options(const PoolOptions& options) try { detail::check_options(options, 1); } catch (...) {
    detail::rethrow_as_error();
}

std::vector<BatchSystemPrograms> find_programs(const PoolOptions& options) try {
    if (options.batch_system == "local") return {};
    if (options.batch_system != "auto")
        return {detail::find_programs(detail::named_batch_system(options), options)};
    std::vector<BatchSystemPrograms> all;
    for (const detail::BatchSystem& system : detail::batch_systems())
        all.push_back(detail::find_programs(system, options));
    return all;
} catch (...) {
    detail::rethrow_as_error();
}

SiteQueue find_queue(const PoolOptions& options) try {
    const detail::QueueChoice choice = detail::choose_queue(options);
    SiteQueue queue{choice.name(), choice.reason, {}, 0};
    if (choice.batch_system == nullptr) {
        const std::size_t num_cores = detail::usable_cores();
        queue.num_local_cores = std::min(num_cores, options.max_num_running.value_or(num_cores));
    } else if (options.batch_system != "auto") {
        queue.complaint = detail::why_no_answer(*choice.batch_system, choice.programs, options);
    }
    return queue;
} catch (...) {
    detail::rethrow_as_error();
}

}  // namespace qmr
