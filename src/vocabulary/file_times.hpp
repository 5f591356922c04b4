#pragma once

#include <boost/filesystem/path.hpp>
#include <chrono>
#include <optional>

namespace qmr::detail {

namespace fs = boost::filesystem;

/// When a file was last written to, by the clock of its file system. None: it is not there. A symbolic link
/// is not followed.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> time_of_change(const fs::path& path);

/// When a file was made. None: likewise, or the file system does not remember.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> time_of_birth(const fs::path& path);

}  // namespace qmr::detail
