#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli/task_reader.hpp"

namespace CLI {
class App;
}

namespace qmr::cli {

/// Where tasks come from, as the command line says.
struct TaskInput {
    std::optional<std::string> file;  ///< none, or "-": stdin
    std::string format = "auto";
    bool is_null_separated = false;
    std::optional<std::string> block_size;  ///< of --pipe; none: tasks are no blocks
};

void add_task_options(CLI::App& subcommand, TaskInput& input);

/// Throws BadInput that names an option of these which is given, where tasks stand behind ":::": nothing is
/// read then.
void require_no_input(const TaskInput& input);

/// Throws BadInput. Blocks until the text has its first line, if the format needs that.
[[nodiscard]] std::unique_ptr<TaskReader> open_tasks(const TaskInput& input);

/// What a command that reads a task on its stdin reads behind it: the line end, unless tasks are no lines.
[[nodiscard]] std::string end_of_read_task(const TaskInput& input);

/// Tasks as a range that is read while it is walked through, once.
class TaskRange {
  public:
    explicit TaskRange(TaskReader& reader) : reader_(reader) {}

    class Iterator {
      public:
        using value_type = CommandTask;
        using difference_type = std::ptrdiff_t;

        explicit Iterator(TaskReader& reader) : reader_(&reader), task_(reader.next()) {}
        const CommandTask& operator*() const { return *task_; }
        Iterator& operator++() {
            task_ = reader_->next();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const Iterator& iterator, std::default_sentinel_t) { return !iterator.task_; }

      private:
        TaskReader* reader_;
        std::optional<CommandTask> task_;
    };

    [[nodiscard]] Iterator begin() const { return Iterator(reader_); }
    [[nodiscard]] static std::default_sentinel_t end() { return {}; }

  private:
    TaskReader& reader_;
};

}  // namespace qmr::cli
