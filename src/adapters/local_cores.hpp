#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace qmr::detail {

/// Reads a file of /proc or /sys. None: it is not there.
using ReadText = std::function<std::optional<std::string>(const std::string& path)>;

/// Cores that the control group of this process may use, from cpu.max (cgroups(7), version 2) or
/// cpu.cfs_quota_us (version 1), the tightest of the group and its parents. None: no limit.
[[nodiscard]] std::optional<double> cgroup_cores(const ReadText& read);

/// As many processes as this one may use cores: its affinity (sched_getaffinity(2)) and the limit of its
/// control group, rounded up. At least 1.
[[nodiscard]] std::size_t usable_cores();

}  // namespace qmr::detail
