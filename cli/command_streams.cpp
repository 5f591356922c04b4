#include "cli/command_streams.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cereal/archives/binary.hpp>
#include <cereal/types/string.hpp>
#include <cerrno>
#include <qmr/qmr.hpp>
#include <sstream>
#include <system_error>

#include "cli/descriptor.hpp"

namespace qmr::cli {

namespace {

void write_all(int to, const char* data, std::size_t size) {
    while (size > 0) {
        const ssize_t got = ::write(to, data, size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EPIPE) throw ReaderGone("nobody reads the output any more");
        if (got < 0)
            throw Error(fmt::format("cannot write the output: {}", std::generic_category().message(errno)));
        data += got;
        size -= static_cast<std::size_t>(got);
    }
}

}  // namespace

void print(const Stream& stream, int to) {
    if (stream.file.empty()) return write_all(to, stream.text.data(), stream.text.size());
    // No file of a work_dir is a symbolic link.
    const Descriptor from(::open(stream.file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    std::array<char, 1 << 16> piece;
    while (true) {
        const ssize_t got = from.get() < 0 ? -1 : ::read(from.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            throw Error(
                fmt::format("cannot read {}: {}", stream.file, std::generic_category().message(errno)));
        if (got == 0) return;
        write_all(to, piece.data(), static_cast<std::size_t>(got));
    }
}

std::optional<CommandStreams> command_streams(const std::filesystem::path& work_dir,
                                              const TaskReport& report) {
    if (report.failure) {
        auto details = FailureDetails::from_json(report.failure->details);
        if (!details) return std::nullopt;
        return CommandStreams{std::move(details->task), std::move(details->out), std::move(details->err)};
    }
    if (!report.value || !ExistingMap(work_dir).is_of<CommandFunction, CommandTask>()) return std::nullopt;
    std::istringstream bytes(*report.value);
    CommandOutput output;
    cereal::BinaryInputArchive archive(bytes);
    archive(output);
    return CommandStreams{std::move(output.task), std::move(output.out), std::move(output.err)};
}

}  // namespace qmr::cli
