#include "cli/text_reader.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <qmr/error.hpp>
#include <system_error>
#include <utility>

namespace qmr::cli {

namespace {

constexpr std::size_t buffer_size = std::size_t{1} << 16;

}  // namespace

TextReader::TextReader() : descriptor_(STDIN_FILENO), name_("stdin"), buffer_(buffer_size) {}

TextReader::TextReader(Descriptor file, std::string name)
    : file_(std::move(file)), descriptor_(file_.get()), name_(std::move(name)), buffer_(buffer_size) {}

bool TextReader::read_line(std::string& line, char end) {
    line.clear();
    if (!append_line(line, end)) return false;
    if (line.ends_with(end)) line.pop_back();
    return true;
}

bool TextReader::append_line(std::string& to, char end) {
    bool has_any = false;
    while (begin_ < end_ || fill()) {
        has_any = true;
        const auto first = buffer_.begin() + static_cast<std::ptrdiff_t>(begin_);
        const auto last = buffer_.begin() + static_cast<std::ptrdiff_t>(end_);
        const auto found = std::find(first, last, end);
        const auto behind = found == last ? last : found + 1;
        to.append(first, behind);
        begin_ += static_cast<std::size_t>(behind - first);
        if (found != last) return true;
    }
    return has_any;
}

bool TextReader::append(std::string& to, std::size_t num_bytes) {
    while (num_bytes > 0 && (begin_ < end_ || fill())) {
        const std::size_t num = std::min(num_bytes, end_ - begin_);
        to.append(buffer_.data() + begin_, num);
        begin_ += num;
        num_bytes -= num;
    }
    return num_bytes == 0;
}

// False at the end of the text, which a terminal tells only once.
bool TextReader::fill() {
    while (!is_over_) {
        const ssize_t got = ::read(descriptor_, buffer_.data(), buffer_.size());
        if (got >= 0) {
            begin_ = 0;
            end_ = static_cast<std::size_t>(got);
            is_over_ = got == 0;
            return got > 0;
        }
        if (errno == EAGAIN ? wait_until_ready(descriptor_, POLLIN) : errno == EINTR) continue;
        // The command puts what can not be read in the place of a stdin that is closed.
        const bool is_closed = errno == EBADF && descriptor_ == STDIN_FILENO;
        throw BadInput(
            fmt::format("cannot read {}: {}", name_,
                        is_closed ? "it is closed" : std::generic_category().message(errno).c_str()));
    }
    return false;
}

}  // namespace qmr::cli
