#include "cli/captured_stream.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <qmr/error.hpp>
#include <system_error>

namespace qmr::cli {

CapturedStream::CapturedStream(const char* name, const CommandLimits& limits)
    : name_(name), limits_(&limits) {
    // The command may read from its own pipe, and leave nothing of what poll(2) has promised.
    make_non_blocking(pipe_.source);
}

CapturedStream::~CapturedStream() {
    if (removes_file_) ::unlink(printed_.file.c_str());
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

void CapturedStream::finish() {
    if (!file_.reset()) fail(errno);
}

Printed CapturedStream::hand_over() noexcept {
    removes_file_ = false;
    return std::move(printed_);
}

// Gives how much it was.
std::size_t CapturedStream::read_some() {
    std::array<char, 65536> buffer;  // as much as there is in a pipe
    const ssize_t got = ::read(source(), buffer.data(), buffer.size());
    if (got == 0) pipe_.source.reset();
    if (got <= 0) return 0;
    keep({buffer.data(), static_cast<std::size_t>(got)});
    return static_cast<std::size_t>(got);
}

void CapturedStream::keep(std::string_view piece) {
    printed_.size += piece.size();
    if (printed_.file.empty() && limits_->file_for && printed_.size > limits_->max_in_memory) move_to_file();
    if (printed_.file.empty())
        printed_.text.append(piece);
    else
        write(piece);
}

void CapturedStream::move_to_file() {
    printed_.file = limits_->file_for(name_);
    file_ = Descriptor(::open(printed_.file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file_.get() < 0) fail(errno);
    removes_file_ = true;
    write(printed_.text);
    printed_.text = {};
}

void CapturedStream::write(std::string_view piece) {
    while (!piece.empty()) {
        const ssize_t written = ::write(file_.get(), piece.data(), piece.size());
        if (written < 0 && errno != EINTR) fail(errno);
        if (written > 0) piece.remove_prefix(static_cast<std::size_t>(written));
    }
}

void CapturedStream::fail(int error) const {
    throw Error(fmt::format("cannot write {} of a command to {}: {}", name_, printed_.file.native(),
                            std::generic_category().message(error)));
}

}  // namespace qmr::cli
