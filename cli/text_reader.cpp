#include "cli/text_reader.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <qmr/error.hpp>
#include <string_view>
#include <system_error>
#include <utility>

namespace qmr::cli {

namespace {

constexpr std::size_t buffer_size = std::size_t{1} << 16;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

}  // namespace

void remove_line_end(std::string& line) {
    if (line.ends_with('\n')) line.pop_back();
    if (line.ends_with('\r')) line.pop_back();
}

TextReader::TextReader() : descriptor_(STDIN_FILENO), name_("stdin"), buffer_(buffer_size) {}

TextReader::TextReader(Descriptor file, std::string name)
    : file_(std::move(file)), descriptor_(file_.get()), name_(std::move(name)), buffer_(buffer_size) {}

bool TextReader::read_line(std::string& line) {
    line.clear();
    if (!append_line(line)) return false;
    remove_line_end(line);
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

// False: there is no more.
bool TextReader::fill() {
    begin_ = end_ = 0;
    if (!read_more()) return false;
    if (!std::exchange(may_begin_with_mark_, false)) return true;
    const auto text = [this] { return std::string_view(buffer_.data(), end_); };
    while (byte_order_mark.starts_with(text()) && read_more()) {
    }
    if (text().starts_with(byte_order_mark)) begin_ = byte_order_mark.size();
    return begin_ < end_;
}

// Behind what was read before. False at the end of the text, which a terminal tells only once.
bool TextReader::read_more() {
    while (!is_over_) {
        const ssize_t got = ::read(descriptor_, buffer_.data() + end_, buffer_.size() - end_);
        if (got >= 0) {
            end_ += static_cast<std::size_t>(got);
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
