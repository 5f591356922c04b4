#include "ground/standard_streams.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>

namespace qmr::detail {

namespace {

/// While it lives, a write that fails sends no signal to this thread.
class NoSignalsOfWrites {
  public:
    NoSignalsOfWrites() {
        sigset_t pending;
        ::sigpending(&pending);
        ::sigemptyset(&held_back_);
        for (const int signal : {SIGPIPE, SIGXFSZ})
            if (::sigismember(&pending, signal) == 0) ::sigaddset(&held_back_, signal);
        ::pthread_sigmask(SIG_BLOCK, &held_back_, &before_);
    }
    ~NoSignalsOfWrites() {
        constexpr timespec at_once{};
        while (::sigtimedwait(&held_back_, nullptr, &at_once) > 0) {
        }
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    NoSignalsOfWrites(const NoSignalsOfWrites&) = delete;
    NoSignalsOfWrites& operator=(const NoSignalsOfWrites&) = delete;

  private:
    sigset_t held_back_{};
    sigset_t before_{};
};

// Somebody may have made it non-blocking, for another process as well.
bool wait_for_room() {
    pollfd watched{STDERR_FILENO, POLLOUT, 0};
    return ::poll(&watched, 1, -1) >= 0 || errno == EINTR;
}

}  // namespace

void occupy_standard_streams() noexcept {
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(number, F_GETFD) >= 0) continue;
        // The lowest number that is free is this one.
        int opened = ::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        if (opened < 0) opened = ::open("/", O_PATH);
        if (opened > number) ::close(opened);  // another thread was faster
    }
}

void tell_on_stderr(std::string_view text) noexcept {
    const NoSignalsOfWrites no_signals;
    std::fflush(stderr);  // what the program has printed before comes first
    while (!text.empty()) {
        const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
        if (written >= 0)
            text.remove_prefix(static_cast<std::size_t>(written));
        else if (errno == EAGAIN ? !wait_for_room() : errno != EINTR)
            return;
    }
}

}  // namespace qmr::detail
