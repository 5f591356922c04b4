#pragma once

#include "qmr/detail/record_file.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// Begins the results of a chunk with what earlier attempts have left, as its head tells, if it has one.
/// `header` is that of the results. What can not be read is computed again. Stops when this worker is told
/// to leave. Throws WriteFailure.
void take_over(const WorkDir& work_dir, const FileHeader& header, RecordWriter& results);

}  // namespace qmr::detail
