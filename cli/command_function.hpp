#pragma once
// What a worker of the command qmr does for a task: runs a command.

#include <cstdint>
#include <optional>
#include <string>

#include "cli/command_run.hpp"
#include "cli/command_task.hpp"
#include "cli/command_template.hpp"
#include "cli/halt.hpp"

namespace qmr::cli {

/// What a command printed on one stream: in memory, or, when it was too much for that, in a file.
struct Stream {
    std::string text;
    std::string file;
    std::uint64_t size = 0;  ///< bytes

    template <class Archive>
    void serialize(Archive& archive) {
        archive(text, file, size);
    }
};

/// What came of a command that exited with 0.
struct CommandOutput {
    std::string task;  ///< as short_text() has it
    Stream out;
    Stream err;
    double seconds = 0;
    std::uint64_t peak_memory = 0;  ///< bytes
    std::string host;
    std::uint64_t num_attempts = 1;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(task, out, err, seconds, peak_memory, host, num_attempts);
    }
};

/// What is known of a command that failed besides what TaskFailure tells: TaskFailure::details.
struct FailureDetails {
    std::string task;  ///< as short_text() has it
    Stream out;        ///< in files, where there is anything
    Stream err;
    bool was_run = true;  ///< else --halt has come before

    [[nodiscard]] std::string to_json() const;
    /// None: these details are no command's.
    [[nodiscard]] static std::optional<FailureDetails> from_json(const std::string& text);
};

/// A task as it is shown to a person: its first line, cut to 200 bytes, without control characters.
[[nodiscard]] std::string short_text(const std::string& task);

/// How a command is run for each task.
struct CommandUse {
    bool reads_task = false;  ///< it gets the task on its standard input
    double timeout = 0;       ///< seconds after which it is killed; 0: none
    std::uint64_t num_retries = 0;
    Halt halt;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(reads_task, timeout, num_retries, halt);
    }
};

/// The function of the map. Throws TaskError when the command does not exit with 0.
class CommandFunction {
  public:
    CommandFunction() = default;

    /// `outputs`: directory for what is too much for memory, and for what failed commands printed; it is made
    /// when it is needed.
    CommandFunction(CommandTemplate command, CommandUse use, std::string outputs)
        : command_(std::move(command)), use_(use), outputs_(std::move(outputs)) {}

    /// Blocks until the command has ended.
    [[nodiscard]] CommandOutput operator()(const CommandTask& task);

    template <class Archive>
    void serialize(Archive& archive) {
        archive(command_, use_, outputs_);
    }

  private:
    void require_not_halted(const CommandTask& task) const;
    [[nodiscard]] CommandLimits limits_for(const CommandTask& task) const;
    [[nodiscard]] std::filesystem::path new_file(const CommandTask& task, const char* stream) const;
    [[nodiscard]] Stream keep(const CommandTask& task, const char* stream, Printed printed) const;
    [[noreturn]] void fail(const CommandTask& task, CommandEnd end) const;

    CommandTemplate command_;
    CommandUse use_;
    std::string outputs_;
    // Of the task that runs: a task that failed comes again at once, in the same process.
    std::optional<std::uint64_t> itask_;
    std::uint64_t num_attempts_ = 0;
};

}  // namespace qmr::cli
