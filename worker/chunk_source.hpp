#pragma once

#include <cstdint>
#include <optional>

#include "vocabulary/work_dir.hpp"
#include "worker/chunk_channel.hpp"
#include "worker/shared_run.hpp"

namespace qmr::detail {

/// Where a process that runs tasks gets its chunks from: the watching process hands over one after the other.
/// While there is a chunk, what this process prints goes to the files of its attempt.
class ChunkSource {
  public:
    ChunkSource(WorkDir work_dir, std::uint64_t session, SharedRun& shared, Descriptor channel);

    /// The chunk to work on; blocks until there is one. Null: there are no more. Throws Error.
    [[nodiscard]] const HandOver* wait();

    /// The tasks of the chunk have run.
    void finish();

    [[nodiscard]] const WorkDir& work_dir() const noexcept { return work_dir_; }
    [[nodiscard]] std::uint64_t session() const noexcept { return session_; }
    [[nodiscard]] SharedRun& shared() noexcept { return shared_; }

  private:
    WorkDir work_dir_;
    std::uint64_t session_;
    SharedRun& shared_;
    Descriptor channel_;
    Descriptor own_out_, own_err_;  ///< what stdout and stderr are outside of chunks
    std::optional<HandOver> chunk_;
};

/// Writes out what waits in the buffers of stdout and stderr, of C and of C++.
void flush_streams();

}  // namespace qmr::detail
