#include "decisions/host_faults.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace qmr::detail {

namespace {

// Different ones, since a chunk may be to blame itself.
constexpr std::size_t max_num_failed = 3;

// What was wrong may have been mended, and nothing of ours is there to show it.
constexpr Seconds memory{900};

// What comes from a file goes to a command line, where other letters may mean something.
bool is_host_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
    });
}

}  // namespace

void HostFaults::failed(const std::string& host, std::size_t ichunk, const std::string& message,
                        Seconds now) {
    if (!is_host_name(host)) return;
    hosts_[host].failed.insert(ichunk);
    hosts_[host].message = message;
    hosts_[host].last = now;
}

void HostFaults::committed(const std::string& host) {
    if (!is_host_name(host)) return;
    hosts_[host].failed.clear();
    hosts_[host].has_committed = true;
}

bool HostFaults::is_suspect(const Host& host) {
    return host.failed.size() >= max_num_failed;
}

void HostFaults::forgive() {
    for (auto& [name, host] : hosts_) host.failed.clear();
}

std::vector<std::string> HostFaults::excluded(Seconds now) {
    for (auto& [name, host] : hosts_)
        if (now - host.last > memory) host.failed.clear();
    std::vector<std::string> excluded;
    const bool is_one_well = std::ranges::any_of(
        hosts_, [](const auto& host) { return host.second.has_committed && !is_suspect(host.second); });
    if (!is_one_well) return excluded;
    for (const auto& [name, host] : hosts_)
        if (is_suspect(host)) excluded.push_back(name);
    return excluded;
}

const std::string& HostFaults::last_message(const std::string& host) const {
    return hosts_.at(host).message;
}

}  // namespace qmr::detail
