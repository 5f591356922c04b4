#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace qmr::detail {

/// First argument of an executable that is started as a worker; the work_dir, the number of the submission
/// and the array index follow.
inline constexpr const char* worker_flag = "--qmr-worker";

struct LauncherContent {
    std::vector<std::string> environment;   ///< `NAME=value`, any bytes
    std::string current_directory;          ///< where tasks start; absolute
    std::string executable;                 ///< absolute
    std::string work_dir;                   ///< absolute
    std::string_view array_index_variable;  ///< empty: the index is always given as an argument
};

/// A script for /bin/sh that sets the environment, changes the directory and becomes the worker. It is called
/// with the number of the submission and, outside arrays, the array index 1.
[[nodiscard]] std::string launcher_script(const LauncherContent& content);

/// `text` as one word of sh(1), whatever bytes it holds.
[[nodiscard]] std::string shell_quoted(std::string_view text);

}  // namespace qmr::detail
