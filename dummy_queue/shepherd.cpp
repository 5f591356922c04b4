#include "dummy_queue/shepherd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <stdexcept>

#include "dummy_queue/late_files.hpp"
#include "dummy_queue/process.hpp"
#include "dummy_queue/state_file.hpp"

namespace qmr::dummy_queue {
namespace {

/// A caller that reads the output of dummy_qstat to its end must not wait for the command, too.
void let_loose_of_caller() {
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null, fd);
    close_the_rest_on_exec();
    setsid();
    adopt_orphans();
}

void run_and_tell(const boost::filesystem::path& state_path, const RunOrder& order,
                  const std::optional<KillPlan>& kill_plan) {
    RunResult result;
    try {
        result = run_job(order, kill_plan);
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

Shepherd::Shepherd(const boost::filesystem::path& state_path, const RunOrder& order,
                   const std::optional<KillPlan>& kill_plan) {
    std::array<int, 2> go{};
    if (pipe2(go.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
    sigset_t ours;
    sigset_t before;
    sigemptyset(&ours);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGCHLD);
    sigprocmask(SIG_BLOCK, &ours, &before);
    pid_ = fork();
    if (pid_ == 0) {
        close(go[1]);
        let_loose_of_caller();
        char byte = 0;
        ssize_t size = 0;
        while ((size = read(go[0], &byte, 1)) < 0 && errno == EINTR) {
        }
        if (size != 1) _exit(1);  // the parent died, or could not save the state
        try {
            run_and_tell(state_path, order, kill_plan);
        } catch (const std::exception&) {
            _exit(1);
        }
        _exit(0);
    }
    sigprocmask(SIG_SETMASK, &before, nullptr);
    close(go[0]);
    let_go_ = go[1];
    if (pid_ < 0) throw std::runtime_error("fork failed");
}

Shepherd::~Shepherd() {
    if (let_go_ >= 0) close(let_go_);
}

void Shepherd::let_go_and_wait() const {
    (void)!write(let_go_, "!", 1);
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
