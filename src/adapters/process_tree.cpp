#include "adapters/process_tree.hpp"

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <csignal>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ground/number.hpp"

namespace qmr::detail {

namespace {

namespace fs = boost::filesystem;

// proc(5): "pid (name) state ppid ...", where the name may hold anything. None: it has ended.
std::optional<pid_t> parent_of(const fs::path& process) {
    std::ifstream file((process / "stat").native());
    // Unlike an iterator over its buffer this does not throw where the process has just ended (ESRCH).
    std::string text;
    std::getline(file, text, '\0');
    const auto name_end = text.rfind(") ");
    if (name_end == std::string::npos || text.size() < name_end + 4) return std::nullopt;
    const std::string rest = text.substr(name_end + 4);
    return read_number<pid_t>(std::string_view(rest).substr(0, rest.find(' ')));
}

std::multimap<pid_t, pid_t> children_by_parent() {
    std::multimap<pid_t, pid_t> children;
    boost::system::error_code error;
    for (fs::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
        const auto pid = read_number<pid_t>(entry->path().filename().native());
        if (!pid) continue;
        if (const auto parent = parent_of(entry->path())) children.emplace(*parent, *pid);
    }
    return children;
}

}  // namespace

// They are stopped first, so that none of them starts others meanwhile.
void kill_tree(pid_t root) {
    std::vector<pid_t> tree{root};
    ::kill(root, SIGSTOP);
    for (std::size_t num_known = 0; num_known < tree.size();) {
        const auto children = children_by_parent();
        const std::size_t num_before = tree.size();
        for (std::size_t i = 0; i < tree.size(); ++i) {
            const auto [first, last] = children.equal_range(tree[i]);
            for (auto child = first; child != last; ++child)
                if (std::find(tree.begin(), tree.end(), child->second) == tree.end()) {
                    ::kill(child->second, SIGSTOP);
                    tree.push_back(child->second);
                }
        }
        num_known = num_before;
    }
    for (const pid_t pid : tree) ::kill(pid, SIGKILL);
}

}  // namespace qmr::detail
