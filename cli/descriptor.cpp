#include "cli/descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <qmr/error.hpp>
#include <system_error>

namespace qmr::cli {

bool Descriptor::reset() noexcept {
    // Linux has closed it even when close(2) was interrupted.
    return descriptor_ < 0 || ::close(std::exchange(descriptor_, -1)) == 0 || errno == EINTR;
}

Descriptor above_standard(int descriptor) {
    Descriptor given(descriptor);
    if (descriptor < 0 || descriptor > STDERR_FILENO) return given;
    return Descriptor(::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

Pipe::Pipe() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) == 0) {
        source = above_standard(ends[0]);
        sink = above_standard(ends[1]);
    }
    if (source.get() < 0 || sink.get() < 0)
        throw Error(fmt::format("cannot make a pipe: {}", std::generic_category().message(errno)));
}

bool wait_until_ready(int descriptor, short events) noexcept {
    pollfd watched{descriptor, events, 0};
    return ::poll(&watched, 1, -1) >= 0 || errno == EINTR;
}

void make_non_blocking(const Descriptor& descriptor) {
    ::fcntl(descriptor.get(), F_SETFL, ::fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK);
}

}  // namespace qmr::cli
