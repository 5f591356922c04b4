#pragma once
// What follows from a probe.

#include <qmr/options.hpp>
#include <qmr/result.hpp>
#include <vector>

#include "cli/doctor_check.hpp"
#include "cli/doctor_probe.hpp"

namespace qmr::cli {

/// What is known of a probe on this side. Times are in seconds since 1970, by the clock of this host.
struct ProbeBracket {
    double begin = 0;  ///< before its submission
    double end = 0;    ///< when its result was seen
    bool is_local = false;
    bool is_variable_exported = true;  ///< the options let it through
    Seconds file_system_latency{60};   ///< the option
};

[[nodiscard]] std::vector<Check> checks_of_probe(const ProbeAnswer& answer, const ProbeBracket& bracket);

/// Of a probe without a result, about which `probe` has all there is to tell.
[[nodiscard]] std::vector<Check> checks_without_answer(Check probe);

/// The check of a probe that failed.
[[nodiscard]] Check check_failure(const TaskFailure& failure);

}  // namespace qmr::cli
