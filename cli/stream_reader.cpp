#include "cli/stream_reader.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <qmr/error.hpp>
#include <system_error>
#include <utility>

namespace qmr::cli {

StreamReader::StreamReader(Stream stream) : stream_(std::move(stream)) {
    if (stream_.file.empty()) return;
    // No file of a work_dir is a symbolic link.
    file_ = Descriptor(::open(stream_.file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file_.get() < 0) fail();
    piece_.resize(std::size_t{1} << 16);
}

std::string_view StreamReader::next() {
    if (stream_.file.empty()) return std::exchange(is_over_, true) ? std::string_view() : stream_.text;
    while (true) {
        const ssize_t got = ::read(file_.get(), piece_.data(), piece_.size());
        if (got >= 0) return {piece_.data(), static_cast<std::size_t>(got)};
        if (errno != EINTR) fail();
    }
}

void StreamReader::fail() const {
    throw Error(fmt::format("cannot read {}: {}", stream_.file, std::generic_category().message(errno)));
}

}  // namespace qmr::cli
