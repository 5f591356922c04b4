#include "cli/kept_bytes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <qmr/error.hpp>
#include <system_error>

namespace qmr::cli {

KeptBytes::~KeptBytes() {
    if (removes_file_) ::unlink(printed_.file.c_str());
}

void KeptBytes::add(std::string_view piece) {
    printed_.size += piece.size();
    if (printed_.file.empty() && where_->file_for && printed_.size > where_->max_in_memory) move_to_file();
    if (printed_.file.empty())
        printed_.text.append(piece);
    else
        write(piece);
}

void KeptBytes::finish() {
    if (!file_.reset()) fail(errno);
}

Printed KeptBytes::hand_over() noexcept {
    removes_file_ = false;
    return std::move(printed_);
}

void KeptBytes::move_to_file() {
    printed_.file = where_->file_for(name_);
    file_ = Descriptor(::open(printed_.file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file_.get() < 0) fail(errno);
    removes_file_ = true;
    write(printed_.text);
    printed_.text = {};
}

void KeptBytes::write(std::string_view piece) {
    while (!piece.empty()) {
        const ssize_t written = ::write(file_.get(), piece.data(), piece.size());
        if (written < 0 && errno != EINTR) fail(errno);
        if (written > 0) piece.remove_prefix(static_cast<std::size_t>(written));
    }
}

void KeptBytes::fail(int error) const {
    throw Error(fmt::format("cannot write {} of a command to {}: {}", name_, printed_.file.native(),
                            std::generic_category().message(error)));
}

}  // namespace qmr::cli
