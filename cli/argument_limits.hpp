#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace qmr::cli {

/// What the kernel takes of a command, execve(2).
struct ArgumentLimits {
    std::size_t max_size = 131'071;   ///< of one argument, in bytes, without its NUL
    std::size_t max_total = 2 << 20;  ///< of all arguments, with what the environment leaves of it

    /// Those of this process.
    [[nodiscard]] static ArgumentLimits of_this_process();
};

/// Why a command can not be run; empty: it can. `task` is what is told to be too long.
[[nodiscard]] std::string why_no_command(const std::vector<std::string>& argv, const ArgumentLimits& limits);

}  // namespace qmr::cli
