#pragma once
// Where the next attempt on a chunk begins: behind the tasks whose outcome an earlier attempt left in its
// part. Written by the pool before it lets the chunk be tried again; read by the worker.

#include <cstdint>
#include <optional>
#include <string>

#include "adapters/attempt_record.hpp"
#include "decisions/decisions.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

struct ChunkHead {
    std::string part;               ///< name of a `.part` file in the work_dir; empty: there is none
    std::uint64_t num_records = 0;  ///< so many of its records count
    /// Of the task after these, which is not run again: it is to blame for the end of earlier attempts.
    std::optional<FailureRecord> failed;
    Alone alone = {};

    /// Throws Error that names the file.
    void write(const WorkDir& work_dir, std::size_t ichunk) const;

    /// None: the chunk begins with its first task. Throws Error that names the file.
    [[nodiscard]] static std::optional<ChunkHead> read(const WorkDir& work_dir, std::size_t ichunk);
};

}  // namespace qmr::detail
