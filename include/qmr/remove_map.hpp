#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace qmr {

/// Which maps may be removed.
enum class Remove {
    complete,  ///< those that came to their end, and have a value for each task
    any,       ///< all that no process works on, though results may be lost
};

/// What was removed.
struct RemovedMap {
    std::size_t num_files = 0;
    std::uint64_t num_bytes = 0;
};

/// Removes the work_dir of a map, and nothing else: no file that no map makes, nothing that a symbolic link
/// leads to. Throws BadInput, in one line, when the map is not one of these, a process works on it, the
/// directory is no work_dir of this user, or holds something else; nothing is removed then. Throws Error when
/// not all of it can be removed. When a process on another host may work on the map, this blocks for as long
/// as that may be silent, some two minutes; `on_wait` is told.
RemovedMap remove_map(
    const std::filesystem::path& work_dir, Remove which,
    const std::function<void(const std::string&)>& on_wait = [](const std::string&) {});

}  // namespace qmr
