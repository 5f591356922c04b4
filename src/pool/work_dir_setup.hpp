#pragma once

#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// A work_dir that is made for a map, and goes away with this unless it is kept.
class OwnedWorkDir {
  public:
    /// Makes the directory, or takes one that is there and empty. Only its owner can enter it. Throws
    /// BadInput when it can not be used: not empty, not ours, a symbolic link, not writable, on a file system
    /// where nothing can be executed.
    explicit OwnedWorkDir(const fs::path& given);
    ~OwnedWorkDir();
    OwnedWorkDir(const OwnedWorkDir&) = delete;
    OwnedWorkDir& operator=(const OwnedWorkDir&) = delete;

    [[nodiscard]] const WorkDir& names() const noexcept { return names_; }

    /// Whether the files outlive this.
    void keep() noexcept { is_kept_ = true; }
    void release() noexcept { is_kept_ = false; }

  private:
    WorkDir names_;
    bool was_there_ = false;
    bool is_kept_ = false;
};

/// Why the launcher can not be started where it is; empty: it can.
[[nodiscard]] std::string why_not_executable(const fs::path& path);

}  // namespace qmr::detail
