#pragma once
// Children of the test, and whether what they have started is still there.

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "temporary_directory.hpp"
#include "vocabulary/atomic_file.hpp"
#include "wait_until.hpp"

namespace qmr::test {

/// A pipe by name, of which this process holds the reading end.
class NamedPipe {
  public:
    NamedPipe() {
        REQUIRE(::mkfifo(path().c_str(), 0600) == 0);
        source_ = detail::Descriptor(::open(path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    }
    [[nodiscard]] std::string path() const { return (directory_ / "pipe").native(); }
    [[nodiscard]] int descriptor() const { return source_.get(); }

    /// Blocks until each process that had it open has ended; false when that takes too long.
    [[nodiscard]] bool wait_until_all_have_closed_it() const {
        const auto begin = std::chrono::steady_clock::now();
        pollfd watched{source_.get(), POLLIN, 0};
        std::array<char, 100> ignored;
        while (std::chrono::steady_clock::now() - begin < patience) {
            ::poll(&watched, 1, 1000);
            if ((watched.revents & POLLIN) != 0)
                static_cast<void>(::read(source_.get(), ignored.data(), ignored.size()));
            else if ((watched.revents & POLLHUP) != 0)
                return true;
        }
        return false;
    }

  private:
    TemporaryDirectory directory_;
    detail::Descriptor source_;
};

/// Exit code of a child that runs `body`.
template <class Body>
[[nodiscard]] int in_child(Body body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body());
    int raw = 0;
    ::waitpid(child, &raw, 0);
    return WIFEXITED(raw) ? WEXITSTATUS(raw) : -1;
}

}  // namespace qmr::test
