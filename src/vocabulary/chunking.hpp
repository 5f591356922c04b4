#pragma once

#include <cstddef>
#include <optional>
#include <utility>

namespace qmr::detail {

/// Cuts tasks 0 to num_tasks - 1 into consecutive chunks whose sizes differ by at most one. There are exactly
/// `num_chunks` of them, but never more than tasks.
class Chunking {
  public:
    Chunking(std::size_t num_tasks, std::size_t num_chunks);

    [[nodiscard]] std::size_t num_tasks() const noexcept { return num_tasks_; }
    [[nodiscard]] std::size_t num_chunks() const noexcept { return num_chunks_; }
    [[nodiscard]] std::size_t first_itask(std::size_t ichunk) const noexcept;
    [[nodiscard]] std::size_t size(std::size_t ichunk) const noexcept;
    /// The chunk of a task.
    [[nodiscard]] std::size_t ichunk_of(std::size_t itask) const noexcept;

  private:
    std::size_t num_tasks_;
    std::size_t num_chunks_;
};

/// The tasks of a chunk.
struct TaskSpan {
    std::size_t first = 0;
    std::size_t size = 0;
};

/// As many chunks as it takes when none has more than `chunk_size` tasks.
[[nodiscard]] std::size_t num_chunks_for_size(std::size_t num_tasks, std::size_t chunk_size) noexcept;

}  // namespace qmr::detail
