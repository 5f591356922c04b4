#include "adapters/interrupts.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <mutex>

#include "qmr/error.hpp"

namespace qmr::detail {

namespace {

constexpr std::array handled{SIGINT, SIGTERM, SIGHUP};

// A signal handler can reach nothing but globals.
std::mutex guard;
int num_alive = 0;
std::atomic<int> received_signal = 0;
std::array<int, 2> wake_up{-1, -1};
std::array<struct sigaction, handled.size()> previous{};
struct sigaction previous_child {};

extern "C" void take_down(int signal) {
    const int saved = errno;
    received_signal = signal;
    const char byte = 0;
    [[maybe_unused]] const ssize_t ignored = ::write(wake_up[1], &byte, 1);
    errno = saved;
}

}  // namespace

Interrupts::Interrupts() {
    const std::scoped_lock lock(guard);
    if (num_alive++ > 0) return;
    received_signal = 0;
    if (::pipe2(wake_up.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        --num_alive;
        throw Error("cannot make a pipe: no descriptors are left");
    }
    struct sigaction action {};
    action.sa_handler = &take_down;
    ::sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < handled.size(); ++i) {
        ::sigaction(handled[i], nullptr, &previous[i]);
        if (previous[i].sa_handler != SIG_IGN) ::sigaction(handled[i], &action, nullptr);
    }
    // Where SIGCHLD is ignored, nobody learns how a child ended.
    ::sigaction(SIGCHLD, nullptr, &previous_child);
    if (previous_child.sa_handler == SIG_IGN) ::signal(SIGCHLD, SIG_DFL);
}

Interrupts::~Interrupts() {
    const std::scoped_lock lock(guard);
    if (--num_alive > 0) return;
    for (std::size_t i = 0; i < handled.size(); ++i) ::sigaction(handled[i], &previous[i], nullptr);
    ::sigaction(SIGCHLD, &previous_child, nullptr);
    ::close(wake_up[0]);
    ::close(wake_up[1]);
    wake_up = {-1, -1};
}

int Interrupts::received() noexcept {
    return received_signal;
}

int Interrupts::descriptor() noexcept {
    return wake_up[0];
}

}  // namespace qmr::detail
