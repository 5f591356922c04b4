#include "cli/command_streams.hpp"

#include <cereal/archives/binary.hpp>
#include <cereal/types/string.hpp>
#include <qmr/qmr.hpp>
#include <sstream>
#include <string_view>

#include "cli/command_function.hpp"
#include "cli/reduce_function.hpp"
#include "cli/standard_streams.hpp"
#include "cli/stream_reader.hpp"

namespace qmr::cli {

namespace {

template <class Take>
void read_all(const Stream& stream, Take take) {
    if (stream.file.empty()) return take(stream.text);
    StreamReader reader(stream);
    for (auto piece = reader.next(); !piece.empty(); piece = reader.next()) take(piece);
}

}  // namespace

void print(const Stream& stream, int to) {
    read_all(stream, [to](std::string_view piece) { write_all(to, piece); });
}

void tell(const Stream& stream) {
    read_all(stream, [](std::string_view piece) { tell_bytes(piece); });
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
