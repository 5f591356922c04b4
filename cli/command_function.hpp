#pragma once

#include <string>
#include <utility>

#include "cli/command_runner.hpp"
#include "cli/command_task.hpp"
#include "cli/command_template.hpp"

namespace qmr::cli {

/// The function of the map: runs a command for a task. Throws TaskError when that does not exit with 0.
class CommandFunction {
  public:
    CommandFunction() = default;
    CommandFunction(CommandTemplate command, CommandRunner runner)
        : command_(std::move(command)), runner_(std::move(runner)) {}

    /// Blocks until the command has ended.
    [[nodiscard]] CommandOutput operator()(const CommandTask& task) {
        const CommandUse& use = runner_.use();
        const auto argv = command_.argv(task.text, task.values);
        if (!use.reads_task) return runner_.run({task.itask, task.text}, argv, InputBytes());
        const ForTask for_task{task.itask, short_text(task.text)};
        if (use.end_of_task.empty()) return runner_.run(for_task, argv, task.text);  // it may be large
        return runner_.run(for_task, argv, task.text + use.end_of_task);
    }

    template <class Archive>
    void serialize(Archive& archive) {
        archive(command_, runner_);
    }

  private:
    CommandTemplate command_;
    CommandRunner runner_;
};

}  // namespace qmr::cli
