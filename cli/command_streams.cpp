#include "cli/command_streams.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cereal/archives/binary.hpp>
#include <cereal/types/string.hpp>
#include <cerrno>
#include <qmr/qmr.hpp>
#include <sstream>
#include <string_view>
#include <system_error>

#include "cli/command_function.hpp"
#include "cli/reduce_function.hpp"
#include "cli/stream_reader.hpp"

namespace qmr::cli {

namespace {

void write_all(int to, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t got = ::write(to, bytes.data(), bytes.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EPIPE) throw ReaderGone("nobody reads the output any more");
        if (got < 0)
            throw Error(fmt::format("cannot write the output: {}", std::generic_category().message(errno)));
        bytes.remove_prefix(static_cast<std::size_t>(got));
    }
}

}  // namespace

void print(const Stream& stream, int to) {
    if (stream.file.empty()) return write_all(to, stream.text);
    StreamReader reader(stream);
    for (auto piece = reader.next(); !piece.empty(); piece = reader.next()) write_all(to, piece);
}

std::optional<CommandStreams> command_streams(const std::filesystem::path& work_dir,
                                              const TaskReport& report) {
    if (report.failure) {
        auto details = FailureDetails::from_json(report.failure->details);
        if (!details) return std::nullopt;
        return CommandStreams{std::move(details->task), std::move(details->out), std::move(details->err)};
    }
    if (!report.value) return std::nullopt;
    const ExistingMap map(work_dir);
    if (!map.is_of<CommandFunction, CommandTask>() && !map.is_of<ReduceFunction, ReduceTask>())
        return std::nullopt;
    std::istringstream bytes(*report.value);
    CommandOutput output;
    cereal::BinaryInputArchive archive(bytes);
    archive(output);
    return CommandStreams{std::move(output.task), std::move(output.out), std::move(output.err)};
}

}  // namespace qmr::cli
