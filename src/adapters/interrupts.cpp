#include "adapters/interrupts.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <vector>

#include "qmr/error.hpp"

namespace qmr::detail {

namespace {

struct Handled {
    int signal;
    struct sigaction before;
};

// A signal handler can reach nothing but globals.
std::mutex guard;
int num_alive = 0;
std::atomic<int> received_signal = 0;
std::array<int, 2> wake_up{-1, -1};
std::vector<Handled> handled;
struct sigaction previous_child {};

extern "C" void take_down(int signal) {
    const int saved = errno;
    // Who presses Ctrl-C again does not want to wait.
    if (signal == SIGINT && received_signal == SIGINT) {
        for (const Handled& one : handled)
            if (one.signal == SIGINT) ::sigaction(SIGINT, &one.before, nullptr);
        ::raise(SIGINT);
    }
    received_signal = signal;
    const char byte = 0;
    [[maybe_unused]] const ssize_t ignored = ::write(wake_up[1], &byte, 1);
    errno = saved;
}

void undo() noexcept {
    for (const Handled& one : handled) ::sigaction(one.signal, &one.before, nullptr);
    handled.clear();
    ::sigaction(SIGCHLD, &previous_child, nullptr);
    ::close(wake_up[0]);
    ::close(wake_up[1]);
    wake_up = {-1, -1};
}

}  // namespace

Interrupts::Interrupts(std::span<const int> signals) {
    const std::scoped_lock lock(guard);
    if (num_alive++ > 0) return;
    received_signal = 0;
    if (::pipe2(wake_up.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        --num_alive;
        throw Error("cannot make a pipe: no descriptors are left");
    }
    struct sigaction action {};
    action.sa_handler = &take_down;
    // What is interrupted may be a write to a network file system, which not everybody repeats.
    action.sa_flags = SA_RESTART;
    ::sigemptyset(&action.sa_mask);
    for (const int signal : signals) {
        Handled& one = handled.emplace_back(Handled{signal, {}});
        ::sigaction(signal, nullptr, &one.before);
        if (one.before.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);
    }
    // Where SIGCHLD is ignored, nobody learns how a child ended.
    ::sigaction(SIGCHLD, nullptr, &previous_child);
    if (previous_child.sa_handler == SIG_IGN) ::signal(SIGCHLD, SIG_DFL);
}

Interrupts::~Interrupts() {
    const std::scoped_lock lock(guard);
    if (--num_alive > 0) return;
    undo();
}

int Interrupts::received() noexcept {
    return received_signal;
}

int Interrupts::descriptor() noexcept {
    return wake_up[0];
}

void Interrupts::undo_in_child() noexcept {
    if (num_alive == 0) return;
    num_alive = 0;
    undo();
}

Interrupts::HeldBack::HeldBack() {
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, &before_);
}

Interrupts::HeldBack::~HeldBack() {
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace qmr::detail
