#include "cli/command_input.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <qmr/error.hpp>
#include <system_error>

namespace qmr::cli {

CommandInput::CommandInput(InputBytes bytes) : bytes_(std::move(bytes)), left_(bytes_.next()) {
    if (left_.empty()) {
        source_ = above_standard(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        if (source_.get() < 0)
            throw Error(fmt::format("cannot open /dev/null: {}", std::generic_category().message(errno)));
        return;
    }
    Pipe pipe;
    source_ = std::move(pipe.source);
    sink_ = std::move(pipe.sink);
    make_non_blocking(sink_);
    feed();
}

void CommandInput::feed() {
    const ssize_t written = ::write(sink_.get(), left_.data(), left_.size());
    if (written > 0) left_.remove_prefix(static_cast<std::size_t>(written));
    if (left_.empty()) left_ = bytes_.next();
    if (left_.empty()) sink_.reset();
}

}  // namespace qmr::cli
