#pragma once
// Runs a command for a task on a worker node, and makes of its end what travels back.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_output.hpp"
#include "cli/command_run.hpp"
#include "cli/halt.hpp"

namespace qmr::cli {

/// How a command is run for each task.
struct CommandUse {
    bool reads_task = false;  ///< it gets the task on its standard input
    std::string end_of_task;  ///< and this behind it
    double timeout = 0;       ///< seconds after which it is killed; 0: none
    std::uint64_t num_retries = 0;
    Halt halt;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(reads_task, end_of_task, timeout, num_retries, halt);
    }
};

/// For whom a command is run.
struct ForTask {
    std::uint64_t itask = 0;
    std::string text;  ///< of the task; where that may be a large block, as short_text() has it
};

class CommandRunner {
  public:
    CommandRunner() = default;

    /// `outputs`: directory for what is too much for memory, and for what failed commands printed; it is made
    /// when it is needed.
    CommandRunner(CommandUse use, std::string outputs) : use_(std::move(use)), outputs_(std::move(outputs)) {}

    [[nodiscard]] const CommandUse& use() const noexcept { return use_; }

    /// Runs argv, which reads `in`. Blocks until it has ended. Throws TaskError when it does not exit with 0,
    /// or is not run because of --halt.
    [[nodiscard]] CommandOutput run(const ForTask& task, const std::vector<std::string>& argv, InputBytes in);

    /// Where what is printed for a task goes. Refers to the task.
    [[nodiscard]] KeptWhere where_to_keep(const ForTask& task) const;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(use_, outputs_);
    }

  private:
    void require_not_halted(const ForTask& task) const;
    [[nodiscard]] CommandLimits limits_for(const ForTask& task) const;
    [[nodiscard]] std::filesystem::path new_file(const ForTask& task, const char* stream) const;
    [[nodiscard]] Stream keep(const ForTask& task, const char* stream, const Printed& printed) const;
    [[noreturn]] void fail(const ForTask& task, const CommandEnd& end);

    CommandUse use_;
    std::string outputs_;
    // Of the task that runs: a task that failed comes again at once, in the same process.
    std::optional<std::uint64_t> itask_;
    std::uint64_t num_attempts_ = 0;
    std::uint64_t num_failures_drawn_ = 0;  ///< see HaltFiles
};

/// Where they are now.
[[nodiscard]] Stream to_stream(Printed printed);

}  // namespace qmr::cli
