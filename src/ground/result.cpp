#include "qmr/result.hpp"

#include "ground/cause.hpp"

namespace qmr {

std::string_view to_string(Cause cause) noexcept {
    switch (cause) {
        case Cause::exception:
            return "exception";
        case Cause::crash:
            return "crash";
        case Cause::error_state:
            return "error_state";
        case Cause::vanished:
            return "vanished";
        case Cause::worker_failure:
            return "worker_failure";
        case Cause::corrupt_result:
            return "corrupt_result";
        case Cause::binary_changed:
            return "binary_changed";
        case Cause::out_of_memory:
            return "out_of_memory";
        case Cause::out_of_time:
            return "out_of_time";
    }
    return "unknown";
}

std::optional<Cause> detail::read_cause(std::string_view name) noexcept {
    for (const Cause cause : all_causes)
        if (to_string(cause) == name) return cause;
    return std::nullopt;
}

NoResult::NoResult(TaskFailure failure)
    : Error("task " + std::to_string(failure.itask) + " has no result: " + failure.message),
      failure_(std::make_shared<TaskFailure>(std::move(failure))) {}

}  // namespace qmr
