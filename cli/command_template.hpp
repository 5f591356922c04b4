#pragma once
// Where a task goes in the arguments of a command. Pure.

#include <span>
#include <string>
#include <vector>

namespace qmr::cli {

/// The arguments of a command with places: `{}` for a task, `{name}` for one of its fields, anywhere and as
/// often as wanted in an argument. `{{name}}` and `{{}}` stand for the text with single braces.
///
/// Where no field has the name, it is taken for a mistake if it looks like a name: letters of any alphabet,
/// digits, `_-./`, what else is in the names of the fields, and spaces between; or like a place of GNU
/// parallel, such as `{#}` and `{/.}`: digits and `.+-/#%:`. All other text in braces is text, and so is
/// `${name}`, a variable of a shell.
class CommandTemplate {
  public:
    CommandTemplate() = default;

    /// `fields`: the names that tasks have; empty: they are lines. Throws BadInput when there is no command,
    /// or what looks like a place is none.
    CommandTemplate(const std::vector<std::string>& arguments, std::span<const std::string> fields);

    /// Whether there is any place.
    [[nodiscard]] bool has_places() const noexcept;

    /// Adds the task as the last argument.
    void append_task();

    /// The names of places, each once: which fields of a task are needed, in the order in which argv() takes
    /// their values.
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

    /// The command for a task.
    [[nodiscard]] std::vector<std::string> argv(const std::string& task,
                                                std::span<const std::string> values) const;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(arguments_, names_);
    }

  private:
    /// Text, and what follows it.
    struct Piece {
        std::string text;
        int place = end;  ///< index of a name, or one of:
        static constexpr int end = -1;
        static constexpr int task = -2;

        template <class Archive>
        void serialize(Archive& archive) {
            archive(text, place);
        }
    };
    using Argument = std::vector<Piece>;
    [[nodiscard]] Argument read(const std::string& argument, std::span<const std::string> fields);
    [[nodiscard]] int place_of(std::string_view name, std::span<const std::string> fields);

    std::vector<Argument> arguments_;
    std::vector<std::string> names_;
};

}  // namespace qmr::cli
