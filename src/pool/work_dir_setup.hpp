#pragma once

#include <memory>

#include "adapters/lease.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// A work_dir that is made for a map, and goes away with this unless it is kept. No other process works in it
/// meanwhile.
class OwnedWorkDir {
  public:
    enum class Begin {
        empty,    ///< the directory is not there, or is empty
        as_it_is  ///< it may hold a map that another process began
    };

    /// Makes the directory, or takes one that is there. Only its owner can enter it. `silence` and `on_wait`:
    /// see Lease. Throws BadInput when it can not be used: not empty, not ours, a symbolic link, not
    /// writable, on a file system where nothing can be executed; or when another process works in it.
    OwnedWorkDir(const fs::path& given, Begin begin, Seconds silence,
                 const std::function<void(const std::string&)>& on_wait);
    ~OwnedWorkDir();
    OwnedWorkDir(const OwnedWorkDir&) = delete;
    OwnedWorkDir& operator=(const OwnedWorkDir&) = delete;

    [[nodiscard]] const WorkDir& names() const noexcept { return names_; }

    /// Whether there is a map in it, all of whose tasks were written. It is kept, whatever happens.
    [[nodiscard]] bool has_map() const noexcept { return has_map_; }

    [[nodiscard]] Lease& lease() noexcept { return *lease_; }

    /// Whether the directory was made for the map, and so goes away with its files.
    [[nodiscard]] bool is_made() const noexcept { return is_made_; }
    /// As an earlier process tells of the map in it.
    void set_made(bool is_made) noexcept { is_made_ = is_made; }

    /// Whether the files outlive this.
    void keep() noexcept { is_kept_ = true; }
    void release() noexcept { is_kept_ = false; }

  private:
    OwnedWorkDir(const fs::path& given, Begin begin);
    void remove_what_was_begun() const;
    void make_directories() const;

    WorkDir names_;
    bool is_made_;
    bool has_map_ = false;
    bool is_kept_ = false;
    std::unique_ptr<Lease> lease_;
};

/// Throws BadInput where OwnedWorkDir would, as far as that is seen without making or changing anything.
/// Gives whether there is a map in it to go on with.
[[nodiscard]] bool check_work_dir(const WorkDir& names, OwnedWorkDir::Begin begin);

/// What is in a work_dir that no map has made, or somebody else; empty: nothing.
[[nodiscard]] std::string why_not_only_ours(const fs::path& path);

/// Why the launcher can not be started where it is; empty: it can.
[[nodiscard]] std::string why_not_executable(const fs::path& path);

}  // namespace qmr::detail
