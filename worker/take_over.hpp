#pragma once

#include "qmr/detail/record_file.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// Begins the results of a chunk with what earlier attempts have left, as its head tells, if it has one.
/// `header` is that of the results. What can not be read is computed again. Stops when this worker is told
/// to leave. Gives how many outcomes are in that file already: what comes in addition is news, and that is
/// also a task that is to blame for the end of earlier attempts. Throws WriteFailure.
std::uint64_t take_over(const WorkDir& work_dir, const FileHeader& header, RecordWriter& results);

}  // namespace qmr::detail
