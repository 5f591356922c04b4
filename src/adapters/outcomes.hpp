#pragma once
// What can be seen of a record file without reading its values, which may be large.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/attempt_record.hpp"
#include "qmr/detail/record_file.hpp"

namespace qmr::detail {

/// What a file of results, or a part, says of its tasks.
struct Outcomes {
    struct Failed {
        std::uint64_t place = 0;  ///< of the task in its chunk, from 0
        FailureRecord record;
    };
    std::uint64_t num_outcomes = 0;  ///< of the first tasks of the chunk
    std::vector<Failed> failures;
    std::optional<AttemptInfo> info;  ///< none: the file is not whole
};

/// As far as the file is valid, by its frames and what is not a value; nothing of one that is missing, or
/// another one's. `expected`: the file must have this session, ichunk and first_itask; at most its num_tasks
/// count.
[[nodiscard]] Outcomes read_outcomes(const std::string& path, FileHeader expected);

/// Passes over the next outcomes of a file of results, at most so many; values by their frames alone. Gives
/// their number. Throws as RecordReader::next().
std::uint64_t pass_outcomes(RecordReader& reader, std::uint64_t max_num);

/// The value of the task in this place of its chunk. None: the file has none. `expected` as above.
[[nodiscard]] std::optional<std::string> read_value(const std::string& path, FileHeader expected,
                                                    std::uint64_t place);

/// The task in this place of a chunk file. None: it can not be read.
[[nodiscard]] std::optional<std::string> read_task(const std::string& path, FileHeader expected,
                                                   std::uint64_t place);

}  // namespace qmr::detail
