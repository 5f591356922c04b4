#pragma once
// What becomes of the outcomes of a map, in the order of the tasks.

#include <cstddef>
#include <filesystem>
#include <qmr/qmr.hpp>
#include <string>
#include <vector>

#include "cli/command_streams.hpp"

namespace CLI {
class App;
}

namespace qmr::cli {

/// Where what the commands print goes.
struct OutputChoice {
    bool is_json = false;             ///< a JSON object a line for each task, on stdout
    std::filesystem::path directory;  ///< or a file for each task there; empty: their stdout on ours
};

/// --json and --output.
void add_output_options(CLI::App& subcommand, OutputChoice& choice);

/// Prints outcomes one by one, and tells at the end which tasks failed.
class OutcomePrinter {
  public:
    /// Makes the directory. Throws BadInput when that can not be.
    explicit OutcomePrinter(OutputChoice choice);

    /// Throws ReaderGone; Error when the output can not be written. What the commands print on stderr and can
    /// not be told there is lost.
    void operator()(std::size_t itask, const Result<CommandOutput>& outcome);

    /// Of tasks whose outputs are not to be printed, the failures among `num_tasks`.
    void take_failures(const std::vector<TaskFailure>& failures, std::size_t num_tasks);

    /// What comes from now on are outcomes of reducing commands, which have this work_dir.
    void reduces_in(std::filesystem::path work_dir);

    [[nodiscard]] std::size_t num_failed() const noexcept { return num_failed_; }

    /// Tells on stderr which tasks failed and with which last words; nothing when none did.
    void tell_failures(const std::filesystem::path& work_dir) const;

  private:
    FailureDetails count(const TaskFailure& failure);
    [[nodiscard]] std::filesystem::path file_of(std::size_t itask, const char* name) const;
    void remove_file(std::size_t itask, const char* name) const;
    void print_to_file(std::size_t itask, const char* name, const Stream& stream) const;

    OutputChoice choice_;
    std::filesystem::path reduces_in_;  ///< empty: what comes are outcomes of tasks
    std::size_t num_tasks_ = 0;
    std::size_t num_failed_ = 0;
    std::size_t num_not_run_ = 0;
    std::vector<TaskFailure> first_failures_;
};

/// The line of --json for a task.
[[nodiscard]] std::string to_json_line(std::size_t itask, const Result<CommandOutput>& outcome);

}  // namespace qmr::cli
