#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/attempt_record.hpp"
#include "pool/map_view.hpp"
#include "qmr/map_status.hpp"

namespace qmr::detail {

/// All attempts on a chunk that left a file or are in the journal, oldest first. `committed`: who made its
/// results, if they are there.
[[nodiscard]] std::vector<AttemptReport> report_attempts(const MapView& view, std::size_t ichunk,
                                                         ChunkState state,
                                                         const std::optional<AttemptInfo>& committed);

/// The number of a queue job as its batch system has it, with an array index where it has one. The local
/// cores have no such numbers.
struct QueueJobName {
    std::string JB_job_number;
    std::optional<std::uint64_t> array_index;
};
[[nodiscard]] QueueJobName name_of(const MapView& view, JobKey job);

}  // namespace qmr::detail
