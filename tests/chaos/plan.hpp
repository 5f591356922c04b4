#pragma once
// What happens in a history of chaos, drawn from its seed.

#include <cstdint>
#include <qmr/options.hpp>
#include <vector>

#include "chaos/chaotic_task.hpp"
#include "dummy_queue/fault.hpp"

namespace qmr::test {

struct ChaosPlan {
    std::vector<ChaoticTask> tasks;
    Jobs jobs = Jobs::pull;
    std::size_t num_chunks = 1;
    bool are_arrays = true;
    double backup_factor = 0;
    std::vector<dummy_queue::Fault> faults;
    /// After so many milliseconds the process that maps is killed, once for each.
    std::vector<int> kills_of_caller;
    /// After so many milliseconds from the begin of the history, a worker is killed, if one is there.
    std::vector<int> kills_of_workers;
};

[[nodiscard]] ChaosPlan make_plan(std::uint32_t seed);

}  // namespace qmr::test
