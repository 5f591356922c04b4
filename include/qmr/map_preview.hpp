#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace qmr {

/// What a map would do.
struct MapPreview {
    std::size_t num_tasks = 0;
    std::size_t num_chunks = 0;
    std::string plan;  ///< the sentence that map() tells at its begin

    /// The commands that it would begin with, as argv lists. On the local cores: the first one.
    std::vector<std::vector<std::string>> submit_commands;

    /// The script that queue jobs run, which sets the environment of this process: it may hold secrets.
    std::string launcher;
};

}  // namespace qmr
