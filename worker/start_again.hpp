#pragma once

#include <span>
#include <string>
#include <vector>

namespace qmr::detail {

/// Where one of these variables is set, starts this executable again in this process, with the same arguments
/// and none of them: neither static objects nor /proc/self/environ have seen them then. Returns where none is
/// set, or this worker was told to leave. Throws Error when the executable can not be started.
void start_again_without(const std::vector<std::string>& names, std::span<char* const> argv);

}  // namespace qmr::detail
