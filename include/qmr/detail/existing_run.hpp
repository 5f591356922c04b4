#pragma once
// Going on with a map that is in a work_dir, in bytes. Compiled once.

#include <filesystem>
#include <memory>
#include <vector>

#include "qmr/detail/map_run.hpp"

namespace qmr::detail {

class ExistingRun {
  public:
    explicit ExistingRun(const std::filesystem::path& work_dir);
    ~ExistingRun();
    ExistingRun(const ExistingRun&) = delete;
    ExistingRun& operator=(const ExistingRun&) = delete;

    [[nodiscard]] PoolOptions& options() noexcept;
    [[nodiscard]] bool is_of(ChunkFunction function) const;
    void cancel();
    void retry_failed() noexcept;
    /// Throws BadInput when the map is of another function.
    void deliver(ChunkFunction function, const InOrder& take);
    std::vector<TaskFailure> finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace qmr::detail
