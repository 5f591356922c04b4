#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace qmr::cli {

/// What a command is run for.
struct CommandTask {
    std::uint64_t itask = 0;
    std::string text;                 ///< a line, a record, or a block of input
    std::vector<std::string> values;  ///< of the fields that the command has places for, in their order

    template <class Archive>
    void serialize(Archive& archive) {
        archive(itask, text, values);
    }
};

}  // namespace qmr::cli
