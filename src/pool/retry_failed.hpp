#pragma once

#include "pool/map_driver.hpp"
#include "pool/open_map.hpp"

namespace qmr::detail {

/// Makes the tasks that have failed, or that a chunk which was given up never came to, tasks that are still
/// to be run; values that are there are kept. Gives how many tasks are to be run again. Killed in the middle,
/// it can be called again. Throws Error that names the file.
std::size_t retry_failed(OpenMap& map, const MapSize& size);

}  // namespace qmr::detail
