#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

namespace qmr::test {

/// A copy of this process that does one thing and ends: what kills it does not kill the test.
class InProcess {
  public:
    /// `work` gives the exit code.
    template <class Work>
    explicit InProcess(Work work) : pid_(::fork()) {
        if (pid_ == 0) {
            // The handlers of the test program are no business of the copy.
            for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_DFL);
            int exit_code = 120;
            try {
                exit_code = work();
            } catch (...) {
                exit_code = 121;
            }
            ::_exit(exit_code);
        }
    }
    ~InProcess() {
        if (!is_over_) {
            ::kill(pid_, SIGKILL);
            wait();
        }
    }
    InProcess(const InProcess&) = delete;
    InProcess& operator=(const InProcess&) = delete;

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

    /// Waits for its end. -1: a signal ended it.
    int exit_code() {
        wait();
        return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
    }

    /// The signal that ended it, after waiting for its end. 0: it ended by itself.
    int ended_by() {
        wait();
        return WIFSIGNALED(status_) ? WTERMSIG(status_) : 0;
    }

  private:
    void wait() {
        if (is_over_) return;
        while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
        }
        is_over_ = true;
    }

    pid_t pid_;
    int status_ = 0;
    bool is_over_ = false;
};

}  // namespace qmr::test
