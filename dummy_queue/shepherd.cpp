#include "dummy_queue/shepherd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/filesystem/operations.hpp>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <stdexcept>

#include "dummy_queue/late_files.hpp"
#include "dummy_queue/process.hpp"
#include "dummy_queue/state_file.hpp"

namespace qmr::dummy_queue {
namespace {

/// A caller that reads the output of dummy_qstat to its end must not wait for the command, too. Nor is the
/// lock of the state file held, which a process shares with those that it forks.
void let_loose_of_caller(int go, int ready) {
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(go, STDIN_FILENO);
    dup2(ready, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    close_the_rest();
    setsid();
    adopt_orphans();
    (void)!write(STDOUT_FILENO, "!", 1);
    dup2(STDERR_FILENO, STDOUT_FILENO);
}

/// False when nobody will write one any more.
bool read_byte(int fd) {
    char byte = 0;
    ssize_t size = 0;
    while ((size = read(fd, &byte, 1)) < 0 && errno == EINTR) {
    }
    return size == 1;
}

/// As the state says, which the caller may have saved before it died.
bool has_taken(const boost::filesystem::path& state_path, const RunOrder& order) {
    State state = LockedStateFile(state_path).load();
    const Job* const job = find_job(state, order.JB_job_number);
    return job != nullptr && std::ranges::any_of(job->running, [&](const RunningTask& running) {
               return running.task == order.task && running.shepherd == getpid();
           });
}

/// Another queue job may have met the fault since this one was handed out.
bool strikes(const boost::filesystem::path& state_path, std::size_t ifault) {
    bool is_struck = false;
    change_state(state_path, [&](State& state) {
        if (ifault >= state.faults.size() || !state.faults[ifault].is_live()) return;
        auto& fault = state.faults[ifault];
        is_struck = fault.num_spared == fault.max_num_spared;
        if (!is_struck) ++fault.num_spared;
    });
    return is_struck;
}

void run_and_tell(const boost::filesystem::path& state_path, const RunOrder& order) {
    RunResult result;
    try {
        // Beside the state file, so that one that is killed leaves nothing elsewhere.
        result = run_job(
            order, [&](std::size_t ifault) { return strikes(state_path, ifault); },
            boost::filesystem::absolute(state_path).parent_path());
    } catch (const std::exception& error) {
        result.failure = error.what();
    }
    change_state(state_path, [&](State& state) {
        hide_late_files(state, order, chunks_of_job);
        const auto record = finish(state, order, result, std::time(nullptr));
        if (record) append_record(state_path, *record);
    });
}

}  // namespace

Shepherd::Shepherd(const boost::filesystem::path& state_path, const RunOrder& order) {
    std::array<int, 2> go{};
    std::array<int, 2> ready{};
    if (pipe2(go.data(), O_CLOEXEC) != 0 || pipe2(ready.data(), O_CLOEXEC) != 0)
        throw std::runtime_error("pipe failed");
    sigset_t ours;
    sigset_t before;
    sigemptyset(&ours);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGCHLD);
    sigprocmask(SIG_BLOCK, &ours, &before);
    pid_ = fork();
    if (pid_ == 0) {
        let_loose_of_caller(go[0], ready[1]);
        const bool is_let_go = read_byte(STDIN_FILENO);
        dup2(STDERR_FILENO, STDIN_FILENO);
        try {
            if (!is_let_go && !has_taken(state_path, order)) _exit(1);
            run_and_tell(state_path, order);
        } catch (const std::exception&) {
            _exit(1);
        }
        _exit(0);
    }
    sigprocmask(SIG_SETMASK, &before, nullptr);
    close(go[0]);
    close(ready[1]);
    let_go_ = go[1];
    // Whoever kills the caller with its process group from now on does not reach it.
    const bool is_ready = pid_ > 0 && read_byte(ready[0]);
    close(ready[0]);
    if (!is_ready) {
        close(let_go_);
        throw std::runtime_error(pid_ < 0 ? "fork failed" : "the shepherd died");
    }
}

Shepherd::~Shepherd() {
    if (let_go_ >= 0) close(let_go_);
}

void Shepherd::let_go() const {
    (void)!write(let_go_, "!", 1);
}

void Shepherd::wait() const {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    if (status != 0) throw std::runtime_error("could not write down how a queue job ended");
}

bool is_alive(std::int64_t shepherd) {
    return is_running(static_cast<pid_t>(shepherd));
}

void kill_command_of(std::int64_t shepherd) {
    kill(static_cast<pid_t>(shepherd), SIGTERM);
}

}  // namespace qmr::dummy_queue
