#include "qmr/remove_map.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <system_error>
#include <vector>

#include "adapters/lease.hpp"
#include "ground/only_errors.hpp"
#include "pool/work_dir_setup.hpp"
#include "qmr/detail/callers_code.hpp"
#include "qmr/error.hpp"
#include "qmr/map_status.hpp"

namespace qmr {

namespace {

using namespace detail;

constexpr Seconds silence{60};  // of this process, while it removes files of a slow file server

[[noreturn]] void refuse_to_remove(const std::filesystem::path& work_dir, const std::string& why) {
    throw BadInput(fmt::format("{} was not removed: {}", work_dir.native(), why));
}

// What keeps the map from being removed whatever is wanted comes first.
void require_removable(const MapStatus& map, Remove which) {
    if (map.is_worked_on())
        refuse_to_remove(
            map.work_dir,
            fmt::format("process {} on {} works on the map; end that first", map.process_node->pid,
                        map.process_node->host.empty() ? "another host" : map.process_node->host));
    if (which == Remove::any || map.state == MapState::complete) return;
    if (map.state == MapState::complete_with_failures)
        refuse_to_remove(map.work_dir,
                         fmt::format("{} of its {} tasks failed, and what is known of them is in there",
                                     map.num_tasks_failed, map.num_tasks));
    refuse_to_remove(map.work_dir,
                     fmt::format("the map did not come to its end, and {} of its {} tasks are done",
                                 map.num_tasks_done, map.num_tasks));
}

/// A directory, and the names in it. No symbolic link is followed.
class OpenDirectory {
  public:
    explicit OpenDirectory(const fs::path& path) : OpenDirectory(AT_FDCWD, path, path) {}
    OpenDirectory(const OpenDirectory& parent, const std::string& name)
        : OpenDirectory(parent.descriptor(), name, parent.path_ / name) {}
    ~OpenDirectory() { ::closedir(stream_); }
    OpenDirectory(const OpenDirectory&) = delete;
    OpenDirectory& operator=(const OpenDirectory&) = delete;

    [[nodiscard]] int descriptor() const { return ::dirfd(stream_); }

    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> all;
        ::rewinddir(stream_);
        while (const dirent* entry = ::readdir(stream_))
            if (const std::string name = entry->d_name; name != "." && name != "..") all.push_back(name);
        return all;
    }

    /// None: it is not there.
    [[nodiscard]] std::optional<struct stat> look_at(const std::string& name) const {
        struct stat status {};
        if (::fstatat(descriptor(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
        return status;
    }

    void remove(const std::string& name, RemovedMap& removed) const {
        const auto status = look_at(name);
        if (!status) return;
        const bool is_directory = S_ISDIR(status->st_mode);
        if (::unlinkat(descriptor(), name.c_str(), is_directory ? AT_REMOVEDIR : 0) != 0) {
            // NFS keeps a removed file that is open somewhere, until it is closed.
            if (errno == ENOENT || name.starts_with(".nfs")) return;
            fail("remove " + name + " from");
        }
        if (is_directory) return;
        ++removed.num_files;
        if (S_ISREG(status->st_mode)) removed.num_bytes += static_cast<std::uint64_t>(status->st_size);
    }

    [[noreturn]] void fail(const std::string& what) const {
        throw Error(
            fmt::format("cannot {} {}: {}", what, path_.native(), std::generic_category().message(errno)));
    }

  private:
    OpenDirectory(int parent, const fs::path& name, fs::path path)
        : path_(std::move(path)),
          stream_(
              ::fdopendir(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))) {
        if (stream_ == nullptr) fail("open");
    }

    fs::path path_;
    DIR* stream_;
};

// Directories in a work_dir hold claims and what queue jobs printed, and no directories.
void require_flat(const OpenDirectory& work_dir, const fs::path& path) {
    for (const std::string& name : work_dir.names()) {
        const auto status = work_dir.look_at(name);
        if (!status || !S_ISDIR(status->st_mode)) continue;
        const OpenDirectory directory(work_dir, name);
        for (const std::string& inner : directory.names())
            if (const auto found = directory.look_at(inner); found && S_ISDIR(found->st_mode))
                refuse_to_remove(path.native(),
                                 fmt::format("it holds {}/{}, which is of no map", name, inner));
    }
}

// As long as the manifest is there, the map is one that can be gone on with.
void remove_files(const OpenDirectory& work_dir, const WorkDir& names, Lease& lease, RemovedMap& removed) {
    const std::string manifest = names.manifest().filename().native();
    for (const std::string& name : work_dir.names()) {
        const auto status = work_dir.look_at(name);
        if (!status || name == manifest || read_lease_name(name)) continue;
        if (S_ISDIR(status->st_mode)) {
            const OpenDirectory directory(work_dir, name);
            for (const std::string& inner : directory.names()) {
                lease.touch();
                directory.remove(inner, removed);
            }
        }
        lease.touch();
        work_dir.remove(name, removed);
    }
    work_dir.remove(manifest, removed);
}

std::unique_ptr<Lease> take_lease(const WorkDir& names,
                                  const std::function<void(const std::string&)>& on_wait) {
    try {
        return std::make_unique<Lease>(names, silence, on_wait);
    } catch (const BadInput&) {
        refuse_to_remove(names.path().native(), "another process works on the map");
    }
}

}  // namespace

RemovedMap remove_map(const std::filesystem::path& work_dir, Remove which,
                      const std::function<void(const std::string&)>& on_wait) try {
    const MapStatus map = read_map_status(work_dir);
    require_removable(map, which);
    const WorkDir names{fs::path(map.work_dir.native())};
    const fs::path& path = names.path();
    if (const std::string why_not = why_not_only_ours(path); !why_not.empty())
        refuse_to_remove(map.work_dir, "it " + why_not);
    RemovedMap removed;
    {
        const OpenDirectory directory(path);
        require_flat(directory, path);
        std::vector<std::string> old_leases = directory.names();
        std::erase_if(old_leases, [](const std::string& name) { return !read_lease_name(name); });
        const auto lease = take_lease(names, [&on_wait](const std::string& what) {
            try {
                on_wait(what);
            } catch (...) {
                throw detail::CallerThrew{std::current_exception()};
            }
        });
        for (const std::string& name : old_leases) directory.remove(name, removed);
        remove_files(directory, names, *lease, removed);
    }
    if (::rmdir(path.c_str()) != 0)
        throw Error(
            fmt::format("cannot remove {}: {}", path.native(), std::generic_category().message(errno)));
    return removed;
} catch (...) {
    rethrow_as_error();
}

}  // namespace qmr
