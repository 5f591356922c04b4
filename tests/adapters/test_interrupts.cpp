#include <fcntl.h>
#include <poll.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>

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
