#pragma once
// What `qstat -j` tells of queue jobs.

#include <string>

#include "dummy_queue/state.hpp"

namespace qmr::dummy_queue {

struct DescriptionAnswer {
    std::string out;
    std::string err;
    int exit_code = 0;
};

/// `jobs`: numbers, names or patterns, separated by commas. Those that do not exist are told only when none
/// does.
[[nodiscard]] DescriptionAnswer describe_jobs(const State&, const std::string& jobs);

}  // namespace qmr::dummy_queue
