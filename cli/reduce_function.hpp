#pragma once
// What a worker does for a level of a reduction.

#include <memory>
#include <qmr/stored_values.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_runner.hpp"
#include "cli/reduction.hpp"

namespace qmr::cli {

/// Runs the reducing command over outputs of the level below, which it reads from that level's work_dir, one
/// at a time. What the commands there printed on stderr goes on with what this one does.
class ReduceFunction {
  public:
    ReduceFunction() = default;

    /// `below`: work_dir of that level. `patience`: how long its files may take to be seen by a worker, in
    /// seconds.
    ReduceFunction(std::vector<std::string> command, CommandRunner runner, std::string below, double patience)
        : command_(std::move(command)),
          runner_(std::move(runner)),
          below_(std::move(below)),
          patience_(patience) {}

    /// Blocks until the command has ended. Throws TaskError when it does not exit with 0; Error when an
    /// output can not be read.
    [[nodiscard]] CommandOutput operator()(const ReduceTask& task);

    template <class Archive>
    void serialize(Archive& archive) {
        archive(command_, runner_, below_, patience_);
    }

  private:
    std::vector<std::string> command_;
    CommandRunner runner_;
    std::string below_;
    double patience_ = 0;
    std::shared_ptr<StoredValues<CommandOutput>> outputs_;  ///< open behind what was read last
};

}  // namespace qmr::cli
