#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <future>

#include "adapters/interrupts.hpp"

using qmr::detail::Interrupts;

namespace {

using Handler = void (*)(int);

Handler handler_of(int signal) {
    struct sigaction action {};
    ::sigaction(signal, nullptr, &action);
    return action.sa_handler;
}

void handler_of_the_program(int) {}

volatile std::sig_atomic_t num_raised = 0;

void count_raised(int) {
    num_raised = num_raised + 1;
}

/// In place of a map: what came is raised at its end.
struct Map {
    Interrupts interrupts{qmr::detail::end_signals, Interrupts::AtEnd::raise};
};

/// A signal that the program handles in its own way for the time of a test.
class Handled {
  public:
    Handled(int signal, Handler handler) : signal_(signal) {
        struct sigaction action {};
        action.sa_handler = handler;
        ::sigaction(signal, &action, &before_);
    }
    ~Handled() { ::sigaction(signal_, &before_, nullptr); }
    Handled(const Handled&) = delete;
    Handled& operator=(const Handled&) = delete;

  private:
    int signal_;
    struct sigaction before_ {};
};

bool is_readable(int descriptor) {
    pollfd watched{descriptor, POLLIN, 0};
    return ::poll(&watched, 1, 0) == 1;
}

}  // namespace

TEST_CASE("a signal that asks the process to end is taken down instead") {
    const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP);
    const Interrupts interrupts;
    CHECK(Interrupts::received() == 0);
    CHECK_FALSE(is_readable(Interrupts::descriptor()));
    ::raise(signal);
    CHECK(Interrupts::received() == signal);
    CHECK(is_readable(Interrupts::descriptor()));
}

TEST_CASE("an interrupt of one map is not one of the next") {
    {
        const Interrupts interrupts;
        ::raise(SIGTERM);
    }
    const Interrupts interrupts;
    CHECK(Interrupts::received() == 0);
    CHECK_FALSE(is_readable(Interrupts::descriptor()));
}

TEST_CASE("a signal that the program ignores stays ignored") {
    const Handled ignored(SIGHUP, SIG_IGN);
    const Interrupts interrupts;
    ::raise(SIGHUP);
    CHECK(Interrupts::received() == 0);
    CHECK(handler_of(SIGHUP) == SIG_IGN);
    ::raise(SIGTERM);
    CHECK(Interrupts::received() == SIGTERM);
}

TEST_CASE("the handlers of the program are back afterwards") {
    const Handled interrupt(SIGINT, &handler_of_the_program);
    const Handled terminate(SIGTERM, SIG_DFL);
    const Handled hang_up(SIGHUP, SIG_IGN);
    const Handled child(SIGCHLD, SIG_IGN);
    {
        const Interrupts interrupts;
        CHECK(handler_of(SIGINT) != &handler_of_the_program);
        CHECK(handler_of(SIGTERM) != SIG_DFL);
        CHECK(handler_of(SIGCHLD) == SIG_DFL);
    }
    CHECK(handler_of(SIGINT) == &handler_of_the_program);
    CHECK(handler_of(SIGTERM) == SIG_DFL);
    CHECK(handler_of(SIGHUP) == SIG_IGN);
    CHECK(handler_of(SIGCHLD) == SIG_IGN);
}

TEST_CASE("several maps at a time share what they are told, until the last one ends") {
    const Handled interrupt(SIGINT, &handler_of_the_program);
    const Interrupts outer;
    {
        const Interrupts inner;
        ::raise(SIGINT);
    }
    CHECK(Interrupts::received() == SIGINT);
    CHECK(handler_of(SIGINT) != &handler_of_the_program);
    const Interrupts next;
    CHECK(Interrupts::received() == SIGINT);
}

TEST_CASE("many signals do not block the process") {
    const Interrupts interrupts;
    for (int i = 0; i < 100'000; ++i) ::raise(SIGTERM);
    CHECK(Interrupts::received() == SIGTERM);
}

TEST_CASE("other signals can be taken down, and only those") {
    const Handled terminate(SIGTERM, &handler_of_the_program);
    constexpr std::array signals{SIGUSR1, SIGXCPU};
    const Interrupts interrupts(signals);
    CHECK(handler_of(SIGTERM) == &handler_of_the_program);
    ::raise(SIGXCPU);
    CHECK(Interrupts::received() == SIGXCPU);
}

TEST_CASE("in a child that goes on, signals mean what they meant before") {
    const Handled terminate(SIGTERM, SIG_DFL);
    const Handled hang_up(SIGHUP, SIG_IGN);
    const Handled interrupt(SIGINT, &handler_of_the_program);
    const Interrupts interrupts;
    const pid_t child = ::fork();
    if (child == 0) {
        Interrupts::undo_in_child();
        const bool is_undone = handler_of(SIGTERM) == SIG_DFL && handler_of(SIGHUP) == SIG_IGN &&
                               handler_of(SIGINT) == &handler_of_the_program &&
                               Interrupts::descriptor() == -1;
        ::_exit(is_undone ? 0 : 1);
    }
    int raw = 0;
    REQUIRE(::waitpid(child, &raw, 0) == child);
    CHECK(raw == 0);
    ::raise(SIGTERM);
    CHECK(Interrupts::received() == SIGTERM);
    CHECK(is_readable(Interrupts::descriptor()));
}

TEST_CASE("a signal between a fork and the child's first step is the child's") {
    const Handled terminate(SIGTERM, SIG_DFL);
    const Interrupts interrupts;
    pid_t child = -1;
    {
        const Interrupts::HeldBack held_back;
        child = ::fork();
        if (child == 0) {
            ::raise(SIGTERM);
            Interrupts::undo_in_child();
            sigset_t none;
            ::sigemptyset(&none);
            ::sigprocmask(SIG_SETMASK, &none, nullptr);
            ::_exit(0);
        }
    }
    int raw = 0;
    REQUIRE(::waitpid(child, &raw, 0) == child);
    CHECK(WIFSIGNALED(raw));
    CHECK(Interrupts::received() == 0);
    CHECK_FALSE(is_readable(Interrupts::descriptor()));
    ::raise(SIGTERM);
    CHECK(Interrupts::received() == SIGTERM);
}

TEST_CASE("what wakes up is not inherited, and closed afterwards") {
    int descriptor = -1;
    {
        const Interrupts interrupts;
        descriptor = Interrupts::descriptor();
        CHECK((::fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0);
    }
    CHECK(::fcntl(descriptor, F_GETFD) == -1);
    CHECK(Interrupts::descriptor() == -1);
}

TEST_CASE("a second Ctrl-C ends the process as if nothing were taken down") {
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGINT, SIG_DFL);  // not what the test program does
        const Interrupts interrupts;
        ::raise(SIGTERM);
        ::raise(SIGINT);
        if (Interrupts::received() != SIGINT) ::_exit(1);
        ::raise(SIGTERM);
        ::raise(SIGINT);
        if (Interrupts::received() != SIGINT) ::_exit(2);
        ::raise(SIGINT);
        ::_exit(3);
    }
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGINT);
}

TEST_CASE("a signal comes back to the program when the map ends, if it came in time or too late") {
    const Handled terminate(SIGTERM, &count_raised);
    num_raised = 0;
    {
        const Map map;
        ::raise(SIGTERM);
        CHECK(num_raised == 0);
    }
    CHECK(num_raised == 1);
    { const Map map; }
    CHECK(num_raised == 1);
}

TEST_CASE("of several maps in threads, the last one to leave raises the signal, and all others wait for it") {
    const Handled interrupt(SIGINT, &count_raised);
    num_raised = 0;
    constexpr std::size_t num_threads = 3;
    std::array<std::promise<void>, num_threads> begun;
    std::array<std::future<int>, num_threads> raised_when_left;
    std::promise<void> leave;
    const std::shared_future<void> may_leave = leave.get_future().share();
    {
        const Map last;
        for (std::size_t i = 0; i < num_threads; ++i)
            raised_when_left[i] = std::async(std::launch::async, [&, i] {
                {
                    const Map map;
                    begun[i].set_value();
                    may_leave.wait();
                }
                return static_cast<int>(num_raised);
            });
        for (auto& one : begun) one.get_future().wait();
        ::raise(SIGINT);
        leave.set_value();
        CHECK(num_raised == 0);
    }
    for (auto& one : raised_when_left) CHECK(one.get() == 1);
    CHECK(num_raised == 1);
    CHECK(handler_of(SIGINT) == &count_raised);
}

TEST_CASE("a map within another one of its thread does not wait for it") {
    const Handled terminate(SIGTERM, &count_raised);
    num_raised = 0;
    {
        const Map outer;
        {
            const Map inner;
            ::raise(SIGTERM);
        }
        CHECK(num_raised == 0);
    }
    CHECK(num_raised == 1);
}

TEST_CASE("a signal that the thread of the map holds back comes to another thread") {
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGTERM, SIG_DFL);
        std::async(std::launch::async, [] {
            const Map map;
            sigset_t held_back;
            ::sigemptyset(&held_back);
            ::sigaddset(&held_back, SIGTERM);
            ::raise(SIGTERM);
            ::pthread_sigmask(SIG_BLOCK, &held_back, nullptr);
        }).wait();
        ::_exit(1);
    }
    int raw = 0;
    REQUIRE(::waitpid(child, &raw, 0) == child);
    CHECK(WIFSIGNALED(raw));
    CHECK(WTERMSIG(raw) == SIGTERM);
}
