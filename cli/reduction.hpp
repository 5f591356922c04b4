#pragma once
// How the outputs of a map become one: a tree of commands, each of which reads the outputs of consecutive
// tasks, or of consecutive commands below it, in their order. Pure.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace qmr::cli {

/// What the command line says of it. It stays with the map: PoolOptions::application_data.
struct Reduction {
    std::vector<std::string> command;
    std::size_t fan_in = 100;     ///< most outputs that a command reads, at least 2
    double timeout = 0;           ///< seconds after which a command is killed; 0: none
    std::size_t num_retries = 0;  ///< of a command that fails
    bool keeps_work_dir = false;  ///< when all is done, too

    [[nodiscard]] std::string to_json() const;
    /// None: the map is reduced by nothing.
    [[nodiscard]] static std::optional<Reduction> from_json(const std::string& text);

    friend bool operator==(const Reduction&, const Reduction&) = default;
};

/// How many commands there are in each level of the tree, from that which reads the outputs of `num_tasks`
/// tasks, at least 1, to the last, which is one command.
[[nodiscard]] std::vector<std::size_t> levels_of(std::size_t num_tasks, std::size_t fan_in);

/// A command of a level: which outputs of the level below it reads.
struct ReduceTask {
    std::uint64_t itask = 0;
    std::uint64_t first = 0;
    std::uint64_t num = 0;  ///< at least 1

    template <class Archive>
    void serialize(Archive& archive) {
        archive(itask, first, num);
    }
    friend bool operator==(const ReduceTask&, const ReduceTask&) = default;
};

/// The commands of a level, in their order: `num_outputs` of the level below, cut evenly.
[[nodiscard]] std::vector<ReduceTask> commands_of(std::size_t num_outputs, std::size_t num_commands);

}  // namespace qmr::cli
