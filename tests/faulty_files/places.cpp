#include "faulty_files/places.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "faulty_files/faults.hpp"

namespace qmr::faulty_files {

Place::Place(int directory, const char* name) noexcept {
    if (faulty_directory().empty() || name == nullptr) return;
    const std::string_view text = name;
    if (!text.starts_with('/')) {
        if (directory == AT_FDCWD)
            append_target("/proc/self/cwd");
        else
            append_target_of(directory);
        append("/");
    }
    append(text);
    while (size_ > 1 && text_[size_ - 1] == '/') --size_;
    forget_unless_faulty();
}

Place::Place(int descriptor) noexcept {
    if (faulty_directory().empty()) return;
    append_target_of(descriptor);
    forget_unless_faulty();
}

void Place::append(std::string_view text) noexcept {
    const auto size = std::min(text.size(), text_.size() - 1 - size_);
    std::copy_n(text.data(), size, text_.data() + size_);
    size_ += size;
}

void Place::append_target(const char* link) noexcept {
    const int saved = errno;
    const auto got =
        ::syscall(SYS_readlinkat, AT_FDCWD, link, text_.data() + size_, text_.size() - 1 - size_);
    if (got > 0) size_ += static_cast<std::size_t>(got);
    errno = saved;
}

void Place::append_target_of(int descriptor) noexcept {
    std::array<char, 32> link{};
    constexpr std::string_view begin = "/proc/self/fd/";
    std::copy(begin.begin(), begin.end(), link.begin());
    std::to_chars(link.data() + begin.size(), link.data() + link.size() - 1, descriptor);
    append_target(link.data());
}

void Place::forget_unless_faulty() noexcept {
    const std::string_view directory = faulty_directory();
    const bool is_in_it =
        path().starts_with(directory) && (size_ == directory.size() || text_[directory.size()] == '/');
    if (!is_in_it) size_ = 0;
    text_[size_] = '\0';
}

}  // namespace qmr::faulty_files
