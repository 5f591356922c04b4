#pragma once
// Where the output of a queue job goes.

#include <optional>
#include <string>

#include "dummy_queue/state.hpp"

namespace qmr::dummy_queue {

/// `[host:]path`. None for `host`: there is no colon.
struct OutputArgument {
    std::optional<std::string> host;
    std::string path;
};
[[nodiscard]] OutputArgument read_output_argument(const std::string&);

/// What the variables in a path stand for, and what relative paths are relative to.
struct OutputPlace {
    std::string home;
    std::string user;
    std::string host;
    std::string directory;
    std::uint64_t JB_job_number = 0;
    std::string JB_name;
    std::optional<std::uint64_t> array_task;
};

/// Absolute. `letter` is o or e, for the default name `NAME.oNUMBER[.TASK]`, which is also used inside
/// directories.
[[nodiscard]] std::string output_path(const std::string& path, char letter, const OutputPlace&);

}  // namespace qmr::dummy_queue
