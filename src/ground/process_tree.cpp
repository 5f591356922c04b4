#include "ground/process_tree.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include "ground/number.hpp"

namespace qmr::detail {

namespace {

namespace fs = boost::filesystem;

constexpr std::chrono::seconds time_to_end{5};
constexpr std::size_t max_command_shown = 100;

// Unlike an iterator over its buffer this does not throw where the process has just ended (ESRCH).
std::string stat_text(const fs::path& process) {
    std::ifstream file((process / "stat").native());
    std::string text;
    std::getline(file, text, '\0');
    return text;
}

struct KnownProcess {
    pid_t pid = -1;
    bool is_alive = true;  ///< else it waits to be reaped
};

using ByParent = std::multimap<pid_t, KnownProcess>;

ByParent all_processes() {
    ByParent all;
    boost::system::error_code error;
    for (fs::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
        const auto pid = read_number<pid_t>(entry->path().filename().native());
        if (!pid) continue;
        // proc(5): "pid (name) state ppid ...", where the name may hold anything.
        const std::string text = stat_text(entry->path());
        const auto name_end = text.rfind(") ");
        if (name_end == std::string::npos || text.size() < name_end + 5) continue;
        const char state = text[name_end + 2];
        std::string_view rest(text);
        rest.remove_prefix(name_end + 4);
        if (const auto parent = take_number<pid_t>(rest))
            all.emplace(*parent, KnownProcess{*pid, state != 'Z' && state != 'X'});
    }
    return all;
}

// But for those in `others`, and what is below them. A tree is told from top to bottom.
std::vector<KnownProcess> descendants_of(pid_t root, const std::vector<pid_t>& others) {
    const ByParent all = all_processes();
    std::vector<KnownProcess> found{{root}};
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto [first, last] = all.equal_range(found[i].pid);
        for (auto child = first; child != last; ++child)
            if (std::ranges::find(others, child->second.pid) == others.end()) found.push_back(child->second);
    }
    found.erase(found.begin());
    return found;
}

// They are stopped, so that none of them starts others meanwhile.
void stop_tree(std::vector<pid_t>& tree, pid_t root, const std::vector<pid_t>& others) {
    for (bool is_grown = true; is_grown;) {
        is_grown = false;
        for (const KnownProcess& process : descendants_of(root, others))
            if (process.is_alive && std::ranges::find(tree, process.pid) == tree.end()) {
                ::kill(process.pid, SIGSTOP);
                tree.push_back(process.pid);
                is_grown = true;
            }
    }
}

std::string name_of(pid_t pid) {
    std::ifstream file(fmt::format("/proc/{}/cmdline", pid), std::ios::binary);
    std::string command(max_command_shown, '\0');
    file.read(command.data(), max_command_shown);
    command.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    while (command.ends_with('\0')) command.pop_back();
    for (char& character : command)
        if (static_cast<unsigned char>(character) < ' ') character = ' ';
    return fmt::format("{} ({})", pid, command);
}

std::vector<pid_t> alive_below(pid_t root, const std::vector<pid_t>& others) {
    std::vector<pid_t> found;
    for (const KnownProcess& process : descendants_of(root, others))
        if (process.is_alive) found.push_back(process.pid);
    return found;
}

// `alive` gives those that have not ended.
template <class Alive>
void ask_to_end(Alive alive, std::chrono::milliseconds time) {
    constexpr std::chrono::milliseconds period{10};
    const auto deadline = std::chrono::steady_clock::now() + time;
    for (const pid_t pid : alive()) ::kill(pid, SIGTERM);
    while (!alive().empty() && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(period);
}

}  // namespace

void kill_tree(pid_t root) {
    ::kill(root, SIGSTOP);
    std::vector<pid_t> tree{root};
    stop_tree(tree, root, {});
    for (const pid_t pid : tree) ::kill(pid, SIGKILL);
}

void ask_descendants_to_end(pid_t root, std::chrono::milliseconds time) {
    ::kill(root, SIGSTOP);
    ask_to_end([root] { return alive_below(root, {}); }, time);
}

void adopt_orphans() noexcept {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

NewDescendants::NewDescendants() {
    siginfo_t ignored{};
    if (::waitid(P_ALL, 0, &ignored, WEXITED | WNOHANG | WNOWAIT) == 0) others_ = find();
}

std::vector<pid_t> NewDescendants::find() const {
    return alive_below(::getpid(), others_);
}

void NewDescendants::ask_to_end(std::chrono::milliseconds time) const {
    detail::ask_to_end([this] { return find(); }, time);
}

std::vector<std::string> NewDescendants::list() const {
    std::vector<std::string> all;
    for (const pid_t pid : find()) all.push_back(name_of(pid));
    return all;
}

void NewDescendants::reap_adopted(pid_t child) const {
    siginfo_t ended{};
    while (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid > 0 &&
           ended.si_pid != child && std::ranges::find(others_, ended.si_pid) == others_.end()) {
        ::waitpid(ended.si_pid, nullptr, WNOHANG);
        ended = {};
    }
}

std::vector<std::string> NewDescendants::end() const {
    const auto deadline = std::chrono::steady_clock::now() + time_to_end;
    while (true) {
        std::vector<pid_t> tree;
        stop_tree(tree, ::getpid(), others_);
        for (const pid_t pid : tree) ::kill(pid, SIGKILL);
        reap_adopted();
        if (tree.empty()) return {};
        if (std::chrono::steady_clock::now() > deadline) return list();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

}  // namespace qmr::detail
