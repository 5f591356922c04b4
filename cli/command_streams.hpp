#pragma once

#include <filesystem>
#include <optional>
#include <qmr/map_status.hpp>

#include "cli/command_output.hpp"

namespace qmr::cli {

/// Writes a stream to a descriptor. Blocks until all is written. Throws ReaderGone; Error, that names the
/// file of the stream when it can not be read.
void print(const Stream& stream, int to);

/// Writes a stream to stderr, where what can not be written is lost. Throws Error that names the file of the
/// stream when that can not be read.
void tell(const Stream& stream);

/// What a command printed for one task.
struct CommandStreams {
    std::string task;  ///< its text
    Stream out;
    Stream err;
};

/// None: the map runs no commands, or the task has no outcome. Throws BadInput.
[[nodiscard]] std::optional<CommandStreams> command_streams(const std::filesystem::path& work_dir,
                                                            const TaskReport& report);

}  // namespace qmr::cli
