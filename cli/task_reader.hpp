#pragma once
// Tasks out of a text.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/command_task.hpp"
#include "cli/text_reader.hpp"

namespace qmr::cli {

enum class TaskFormat {
    lines,           ///< a task is a line
    null_separated,  ///< what is between NUL characters
    csv,             ///< a record; the first one has the names of the fields
    tsv,             ///< the same, with tabs for commas
    json,            ///< a line with a JSON object; its members are the fields
    blocks,          ///< whole lines, together about so many bytes as asked for
};

/// Reads the tasks of a text one by one.
class TaskReader {
  public:
    /// `block_size` in bytes. Reads the names of fields, if the format has any. Throws BadInput. Blocks until
    /// the text has them.
    TaskReader(TextReader in, TaskFormat format, std::size_t block_size = 0);
    ~TaskReader();
    TaskReader(const TaskReader&) = delete;
    TaskReader& operator=(const TaskReader&) = delete;

    /// The names of the fields: those of the first record.
    [[nodiscard]] const std::vector<std::string>& fields() const noexcept;

    /// Of which fields the tasks shall have the values, in this order.
    void choose(std::span<const std::string> names);

    /// The next task. None: there are no more. Throws BadInput when it is no record of this format, or lacks
    /// a field, or the text can not be read. Blocks until the text has it.
    [[nodiscard]] std::optional<CommandTask> next();

    /// How many there were until now.
    [[nodiscard]] std::uint64_t num_tasks() const noexcept { return num_tasks_; }

    /// Of the text.
    [[nodiscard]] const std::string& name() const noexcept;

  private:
    class Format;
    class Lines;
    class NullSeparated;
    class Csv;
    class JsonLines;
    class Blocks;
    std::unique_ptr<Format> format_;
    std::uint64_t num_tasks_ = 0;
};

}  // namespace qmr::cli
