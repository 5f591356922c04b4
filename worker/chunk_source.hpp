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
    ChunkSource(WorkDir work_dir, std::uint64_t session, SharedRun& shared, Descriptor channel,
                std::uint64_t max_num_retries);

    /// The chunk to work on; blocks until there is one. Null: there are no more. Throws Error.
    [[nodiscard]] const HandOver* wait();

    /// The tasks of the chunk have run.
    void finish();

    [[nodiscard]] const WorkDir& work_dir() const noexcept { return work_dir_; }
    [[nodiscard]] std::uint64_t session() const noexcept { return session_; }
    [[nodiscard]] SharedRun& shared() noexcept { return shared_; }

    /// How often a task whose function threw is tried again.
    [[nodiscard]] std::uint64_t max_num_retries() const noexcept { return max_num_retries_; }

  private:
    WorkDir work_dir_;
    std::uint64_t session_;
    SharedRun& shared_;
    Descriptor channel_;
    Descriptor own_out_, own_err_;  ///< what stdout and stderr are outside of chunks
    std::uint64_t max_num_retries_;
    std::optional<HandOver> chunk_;
};

/// Most memory in bytes that this process and the programs that it has waited for have used.
[[nodiscard]] std::uint64_t peak_memory();

/// Writes out what waits in the buffers of stdout and stderr, of C and of C++.
void flush_streams();

}  // namespace qmr::detail
