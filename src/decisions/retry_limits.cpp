#include "decisions/retry_limits.hpp"

namespace qmr::detail {

RetryLimitsByCause limits_of_chunks(const RetryLimits& limits) {
    RetryLimitsByCause all;
    all[Cause::error_state] = limits.error_state;
    all[Cause::vanished] = limits.vanished;
    all[Cause::worker_failure] = limits.worker_failure;
    all[Cause::corrupt_result] = limits.corrupt_result;
    all[Cause::out_of_memory] = limits.out_of_memory;
    all[Cause::out_of_time] = limits.out_of_time;
    return all;
}

}  // namespace qmr::detail
