#include "adapters/interrupts.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
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
std::vector<std::thread::id> owners;  // of each one that lives
std::size_t num_rounds = 0;           // how often the last one of several has ended
std::atomic<int> received_signal = 0;
std::atomic<int> num_handling = 0;  // threads in take_down()
std::array<int, 2> wake_up{-1, -1};
std::vector<Handled> handled;
struct sigaction previous_child {};

// Longer than another map takes to clean the queue.
constexpr std::chrono::minutes longest_wait_for_others{4};

// Never destroyed: threads may wait for it while the process exits.
std::condition_variable& end_of_round() {
    static auto& condition = *new std::condition_variable;
    return condition;
}

extern "C" void take_down(int signal) {
    const int saved = errno;
    ++num_handling;
    // Who presses Ctrl-C again does not want to wait.
    if (signal == SIGINT && received_signal == SIGINT) {
        for (const Handled& one : handled)
            if (one.signal == SIGINT) ::sigaction(SIGINT, &one.before, nullptr);
        ::raise(SIGINT);
    }
    received_signal = signal;
    const char byte = 0;
    [[maybe_unused]] const ssize_t ignored = ::write(wake_up[1], &byte, 1);
    --num_handling;
    errno = saved;
}

void undo() noexcept {
    for (const Handled& one : handled) ::sigaction(one.signal, &one.before, nullptr);
    // What another thread still handles uses what goes away now.
    while (num_handling != 0) std::this_thread::yield();
    handled.clear();
    ::sigaction(SIGCHLD, &previous_child, nullptr);
    ::close(wake_up[0]);
    ::close(wake_up[1]);
    wake_up = {-1, -1};
}

bool lives_in_this_thread() {
    return std::ranges::find(owners, std::this_thread::get_id()) != owners.end();
}

// To this thread; where it is held back here, to any other one.
void raise_for_program(int signal) {
    sigset_t held_back;
    ::sigemptyset(&held_back);
    ::pthread_sigmask(SIG_SETMASK, nullptr, &held_back);
    if (::sigismember(&held_back, signal) == 1)
        ::kill(::getpid(), signal);
    else
        ::raise(signal);
}

}  // namespace

Interrupts::Interrupts(std::span<const int> signals, AtEnd at_end) : at_end_(at_end) {
    const std::scoped_lock lock(guard);
    owners.push_back(std::this_thread::get_id());
    if (owners.size() > 1) return;
    received_signal = 0;
    if (::pipe2(wake_up.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        owners.clear();
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
    std::unique_lock lock(guard);
    owners.erase(std::ranges::find(owners, std::this_thread::get_id()));
    if (owners.empty()) {
        undo();
        const int signal = at_end_ == AtEnd::raise ? received_signal.load() : 0;
        lock.unlock();
        if (signal != 0) raise_for_program(signal);
        lock.lock();
        ++num_rounds;
        end_of_round().notify_all();
    } else if (at_end_ == AtEnd::raise && received_signal != 0 && !lives_in_this_thread()) {
        end_of_round().wait_for(lock, longest_wait_for_others,
                                [this_round = num_rounds] { return num_rounds != this_round; });
    }
}

int Interrupts::received() noexcept {
    return received_signal;
}

int Interrupts::descriptor() noexcept {
    return wake_up[0];
}

void Interrupts::undo_in_child() noexcept {
    if (owners.empty()) return;
    owners.clear();
    num_handling = 0;  // other threads are not here
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
