#include "adapters/local_cores.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

namespace qmr::detail {

namespace {

void tighten(std::optional<double>& limit, double quota, double period) {
    if (quota <= 0 || period <= 0) return;
    limit = std::min(limit.value_or(quota / period), quota / period);
}

// "100000 100000", or "max 100000" where there is no limit.
void tighten_by_cpu_max(std::optional<double>& limit, const std::string& text) {
    std::istringstream stream(text);
    double quota = 0;
    double period = 0;
    if (stream >> quota >> period) tighten(limit, quota, period);
}

double number_in(const std::optional<std::string>& text) {
    double number = 0;
    if (text) std::istringstream(*text) >> number;
    return number;
}

// Calls visit(directory) for a group and each of its parents.
template <class Visit>
void for_group_and_parents(const std::string& root, std::string group, Visit visit) {
    while (true) {
        visit(root + (group == "/" ? "" : group));
        const auto slash = group.rfind('/');
        if (slash == std::string::npos || group == "/") return;
        group.resize(slash);
    }
}

std::optional<std::string> read_text(const std::string& path) {
    std::ifstream file(path);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

std::optional<double> cgroup_cores(const ReadText& read) {
    std::optional<double> limit;
    std::istringstream groups(read("/proc/self/cgroup").value_or(""));
    for (std::string line; std::getline(groups, line);) {
        // hierarchy:controllers:group
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        const std::string controllers = fmt::format(",{},", line.substr(first + 1, second - first - 1));
        const std::string group = line.substr(second + 1);
        if (controllers == ",,") {
            for_group_and_parents("/sys/fs/cgroup", group, [&](const std::string& directory) {
                if (const auto text = read(directory + "/cpu.max")) tighten_by_cpu_max(limit, *text);
            });
        } else if (controllers.find(",cpu,") != std::string::npos) {
            for_group_and_parents("/sys/fs/cgroup/cpu", group, [&](const std::string& directory) {
                tighten(limit, number_in(read(directory + "/cpu.cfs_quota_us")),
                        number_in(read(directory + "/cpu.cfs_period_us")));
            });
        }
    }
    return limit;
}

std::size_t usable_cores() {
    std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) == 0)
        cores = std::max(std::size_t{1}, static_cast<std::size_t>(CPU_COUNT(&set)));
    if (const auto limit = cgroup_cores(read_text))
        cores = std::min(cores, static_cast<std::size_t>(std::max(1.0, std::ceil(*limit))));
    return cores;
}

}  // namespace qmr::detail
