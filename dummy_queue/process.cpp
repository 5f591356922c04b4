#include "dummy_queue/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/filesystem/fstream.hpp>
#include <boost/filesystem/operations.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <map>
#include <sstream>

#include "dummy_queue/task_set.hpp"

namespace qmr::dummy_queue {
namespace fs = boost::filesystem;
namespace {

/// Sent through a pipe by a child that does not get as far as its command.
struct Failure {
    enum class Step : int { chdir, exec } step;
    int error;
};

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
    std::vector<char*> pointers;
    for (const auto& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

void reset_signals() {
    for (int signal = 1; signal < NSIG; ++signal) {
        if (signal != SIGKILL && signal != SIGSTOP) (void)std::signal(signal, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become_command(const ProcessPlan& plan, int report) {
    auto arguments = pointers_to(plan.arguments);
    auto environment = pointers_to(plan.environment);
    setsid();
    umask(S_IWGRP | S_IWOTH);
    reset_signals();
    const auto give_up = [report](Failure::Step step) {
        const Failure failure{step, errno};
        (void)!write(report, &failure, sizeof failure);
        _exit(127);
    };
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    dup2(plan.out, STDOUT_FILENO);
    dup2(plan.err, STDERR_FILENO);
    if (chdir(plan.working_directory.c_str()) != 0) give_up(Failure::Step::chdir);
    environ = environment.data();  // execvp searches the PATH of environ
    execvp(arguments[0], arguments.data());
    give_up(Failure::Step::exec);
    _exit(127);
}

std::string text_of(const Failure& failure, const ProcessPlan& plan) {
    if (failure.step == Failure::Step::chdir) {
        return fmt::format("error: can't chdir to {}: {}", plan.working_directory, strerror(failure.error));
    }
    return fmt::format("execvlp({}, ...) failed: {}", plan.arguments.front(), strerror(failure.error));
}

struct ProcessStatus {
    char state = 'Z';
    pid_t parent = 0;
};

/// The words after the name, which stands in brackets and may hold anything. Z: there is no such process.
ProcessStatus status_of(const fs::path& process_directory) {
    fs::ifstream file(process_directory / "stat");
    std::string line;
    std::getline(file, line);
    ProcessStatus status;
    std::istringstream words(line.substr(line.rfind(')') + 1));
    if (!(words >> status.state >> status.parent)) return {};
    return status;
}

std::multimap<pid_t, pid_t> children_by_parent() {
    std::multimap<pid_t, pid_t> children;
    boost::system::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
        const auto pid = read_number(entry.path().filename().native());
        if (!pid) continue;
        const auto status = status_of(entry.path());
        if (status.state != 'Z') children.emplace(status.parent, static_cast<pid_t>(*pid));
    }
    return children;
}

/// From the root to the leaves.
std::vector<pid_t> descendants() {
    const auto children = children_by_parent();
    std::vector<pid_t> tree{getpid()};
    for (std::size_t i = 0; i < tree.size(); ++i) {
        const auto [begin, end] = children.equal_range(tree[i]);
        for (auto child = begin; child != end; ++child) tree.push_back(child->second);
    }
    tree.erase(tree.begin());
    return tree;
}

}  // namespace

StartedProcess start_process(const ProcessPlan& plan) {
    std::array<int, 2> report{};
    if (pipe2(report.data(), O_CLOEXEC) != 0) return {0, fmt::format("pipe failed: {}", strerror(errno)), 0};
    const pid_t pid = fork();
    if (pid == 0) become_command(plan, report[1]);
    const int error = errno;
    close(report[1]);
    Failure failure{};
    ssize_t size = 0;
    while ((size = read(report[0], &failure, sizeof failure)) < 0 && errno == EINTR) {
    }
    close(report[0]);
    if (pid < 0) return {0, fmt::format("fork failed: {}", strerror(error)), 0};
    if (size <= 0) return {pid, "", 0};
    waitpid(pid, nullptr, 0);
    return {0, text_of(failure, plan), failure.step == Failure::Step::chdir ? 28 : 27};
}

void adopt_orphans() {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void kill_descendants() {
    for (bool found = true; found;) {
        found = false;
        for (const pid_t pid : descendants()) found = kill(pid, SIGKILL) == 0 || found;
    }
}

void signal_leaf(int signal) {
    const auto tree = descendants();
    if (!tree.empty()) kill(tree.back(), signal);
}

void signal_descendants(int signal, bool leaves_first) {
    auto tree = descendants();
    if (leaves_first) std::reverse(tree.begin(), tree.end());
    constexpr timespec between{0, 20'000'000};
    for (const pid_t pid : tree) {
        kill(pid, signal);
        nanosleep(&between, nullptr);
    }
}

bool is_running(pid_t pid) {
    return status_of(fs::path("/proc") / std::to_string(pid)).state != 'Z';
}

void close_the_rest() {
    std::vector<int> rest;
    boost::system::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc/self/fd", ignored)) {
        const auto fd = read_number(entry.path().filename().native());
        if (fd && *fd > STDERR_FILENO) rest.push_back(static_cast<int>(*fd));
    }
    for (const int fd : rest) close(fd);
}

}  // namespace qmr::dummy_queue
