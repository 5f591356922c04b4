#pragma once

#include "decisions/decisions.hpp"
#include "qmr/detail/record_file.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// What an attempt begins with.
struct TakenOver {
    /// Outcomes that are in that file already. What comes in addition is news, and that is also a task that
    /// is to blame for the end of earlier attempts.
    std::uint64_t num_outcomes = 0;
    Alone alone = {};
};

/// Begins the results of a chunk with what earlier attempts have left, as its head tells, if it has one.
/// `header` is that of the results. What can not be read is computed again. Stops when this worker is told
/// to leave. Throws WriteFailure.
TakenOver take_over(const WorkDir& work_dir, const FileHeader& header, RecordWriter& results);

}  // namespace qmr::detail
