#pragma once

#include <filesystem>
#include <optional>
#include <qmr/map_status.hpp>

#include "cli/command_output.hpp"

namespace qmr::cli {

/// Nobody reads what we write any more.
class ReaderGone : public Error {
  public:
    using Error::Error;
};

/// Writes a stream to a descriptor. Blocks until all is written. Throws ReaderGone; Error that names the
/// file.
void print(const Stream& stream, int to);

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
