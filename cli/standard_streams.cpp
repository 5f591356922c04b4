#include "cli/standard_streams.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "cli/descriptor.hpp"

namespace qmr::cli {

namespace {

// 0, or the errno.
int try_write_all(int to, std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        const ssize_t written = ::write(to, bytes.data(), bytes.size());
        if (written >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(written));
        else if (errno == EAGAIN ? !wait_until_ready(to, POLLOUT) : errno != EINTR)
            return errno;
    }
    return 0;
}

[[noreturn]] void fail(int to, int error) {
    if (error == EPIPE) throw ReaderGone("nobody reads the output any more");
    const bool is_closed = error == EBADF && to == STDOUT_FILENO;  // see qmr::init()
    throw Error(fmt::format("cannot write the output: {}",
                            is_closed ? "stdout is closed" : std::generic_category().message(error).c_str()));
}

}  // namespace

void write_all(int to, std::string_view bytes) {
    if (const int error = try_write_all(to, bytes); error != 0) fail(to, error);
}

void print_bytes(std::string_view bytes) {
    write_all(STDOUT_FILENO, bytes);
}

void check_stdout() {
    Descriptor copy(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!copy.reset()) fail(STDOUT_FILENO, errno);
}

void tell_bytes(std::string_view bytes) noexcept {
    static_cast<void>(try_write_all(STDERR_FILENO, bytes));
}

}  // namespace qmr::cli
