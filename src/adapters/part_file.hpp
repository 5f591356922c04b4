#pragma once
// What an attempt that ended early has left: a file of results that may be torn, or still be written to.

#include <cstdint>
#include <optional>
#include <string>

#include "qmr/detail/record_file.hpp"

namespace qmr::detail {

/// Reads the outcomes of tasks from the front of a part, one for each task, as far as they are valid and
/// count (FileHeader::num_settled). Another one's part, a torn or a missing one are just short.
class PartReader {
  public:
    enum class Which {
        those_that_count,
        all,  ///< also those that do not count, of an attempt that has ended
    };

    /// `expected`: the file must have this session, ichunk and first_itask; at most its num_tasks count.
    PartReader(const std::string& path, FileHeader expected, Which which = Which::those_that_count);

    /// Goes to the next outcome. False: there is no other.
    bool next();

    /// The one it is at, whose payload is checked.
    [[nodiscard]] RecordReader& record() noexcept { return *reader_; }

  private:
    std::optional<RecordReader> reader_;  ///< none: there is nothing to read
    std::uint64_t num_left_;
};

/// How many outcomes are valid at the front of a part; 0 as well when it can not be read. `expected` as
/// above.
[[nodiscard]] std::uint64_t num_valid_records(const std::string& path, const FileHeader& expected,
                                              PartReader::Which which = PartReader::Which::those_that_count);

}  // namespace qmr::detail
