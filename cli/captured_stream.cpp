#include "cli/captured_stream.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace qmr::cli {

CapturedStream::CapturedStream(const char* name, const KeptWhere& where) : kept_(name, where) {
    // The command may read from its own pipe, and leave nothing of what poll(2) has promised.
    make_non_blocking(pipe_.source);
}

void CapturedStream::take() {
    static_cast<void>(read_some());
}

void CapturedStream::take_rest() {
    int in_pipe = 0;
    if (source() < 0 || ::ioctl(source(), FIONREAD, &in_pipe) != 0) return;
    for (auto left = static_cast<std::size_t>(in_pipe); left > 0;) {
        const std::size_t got = read_some();
        left = got == 0 ? 0 : left - std::min(left, got);
    }
}

// Gives how much it was.
std::size_t CapturedStream::read_some() {
    std::array<char, 65536> buffer;  // as much as there is in a pipe
    const ssize_t got = ::read(source(), buffer.data(), buffer.size());
    if (got == 0) pipe_.source.reset();
    if (got <= 0) return 0;
    kept_.add({buffer.data(), static_cast<std::size_t>(got)});
    return static_cast<std::size_t>(got);
}

}  // namespace qmr::cli
