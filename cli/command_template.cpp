#include "cli/command_template.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <qmr/qmr.hpp>
#include <string_view>
#include <utility>

namespace qmr::cli {

namespace {

constexpr std::string_view letters_and_digits =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Which text between braces is a place, or was meant for one.
class PlaceNames {
  public:
    explicit PlaceNames(std::span<const std::string> fields)
        : fields_(fields), of_names_(fmt::format("{}_-./ {}", letters_and_digits, fmt::join(fields, ""))) {}

    [[nodiscard]] bool has(std::string_view name) const {
        return std::ranges::find(fields_, name) != fields_.end();
    }

    [[nodiscard]] bool looks_like_place(std::string_view text) const {
        const bool is_sign = text.find_first_not_of("0123456789.+-/#%:") == std::string_view::npos;
        const bool is_name = !text.starts_with(' ') && !text.ends_with(' ') &&
                             std::ranges::all_of(text, [this](char letter) { return is_of_name(letter); });
        return has(text) || is_sign || is_name;
    }

  private:
    // Bytes above ASCII are those of letters of other alphabets.
    [[nodiscard]] bool is_of_name(char letter) const {
        return static_cast<unsigned char>(letter) > 0x7f || of_names_.find(letter) != std::string::npos;
    }

    std::span<const std::string> fields_;
    std::string of_names_;
};

// What is between braces at the begin of the text, if it is a place or looks like one; empty: a task.
std::optional<std::string_view> find_place(std::string_view text, const PlaceNames& names) {
    const std::size_t end = text.find('}');
    if (!text.starts_with('{') || end == std::string_view::npos) return std::nullopt;
    const std::string_view name = text.substr(1, end - 1);
    return names.looks_like_place(name) ? std::optional(name) : std::nullopt;
}

}  // namespace

CommandTemplate::CommandTemplate(const std::vector<std::string>& arguments,
                                 std::span<const std::string> fields) {
    if (arguments.empty())
        throw BadInput("there is no command; it stands behind --, as in: seq 10 | qmr map -- echo {}");
    for (const std::string& argument : arguments) arguments_.push_back(read(argument, fields));
}

CommandTemplate::Argument CommandTemplate::read(const std::string& argument,
                                                std::span<const std::string> fields) {
    constexpr std::size_t braces = 2;
    const PlaceNames names(fields);
    Argument pieces;
    std::string text;
    for (std::string_view rest = argument; !rest.empty();) {
        const auto quoted = rest.starts_with('{') ? find_place(rest.substr(1), names) : std::nullopt;
        const auto place = find_place(rest, names);
        if (quoted && rest.substr(1 + quoted->size() + braces).starts_with('}')) {
            text += fmt::format("{{{}}}", *quoted);
            rest.remove_prefix(quoted->size() + 2 * braces);
        } else if (place && (place->empty() || names.has(*place) || !text.ends_with('$'))) {
            pieces.push_back({std::exchange(text, {}), place_of(*place, fields)});
            rest.remove_prefix(place->size() + braces);
        } else {
            text += rest.front();
            rest.remove_prefix(1);
        }
    }
    pieces.push_back({std::move(text), Piece::end});
    return pieces;
}

int CommandTemplate::place_of(std::string_view name, std::span<const std::string> fields) {
    if (name.empty()) return Piece::task;
    if (std::ranges::find(fields, name) == fields.end())
        throw BadInput(fmt::format(
            "unknown place {{{0}}} in the command: tasks have {1}; for the text itself write {{{{{0}}}}}",
            name,
            fields.empty() ? "no names unless they come from a CSV, TSV or JSON file, only {}"
                           : fmt::format("{{{}}}", fmt::join(fields, "}, {"))));
    auto known = std::ranges::find(names_, name);
    if (known == names_.end()) known = names_.insert(names_.end(), std::string(name));
    return static_cast<int>(known - names_.begin());
}

bool CommandTemplate::has_places() const noexcept {
    return std::ranges::any_of(arguments_, [](const Argument& argument) { return argument.size() > 1; });
}

void CommandTemplate::append_task() {
    arguments_.push_back({{"", Piece::task}, {"", Piece::end}});
}

std::vector<std::string> CommandTemplate::argv(const std::string& task,
                                               std::span<const std::string> values) const {
    std::vector<std::string> argv;
    argv.reserve(arguments_.size());
    for (const Argument& argument : arguments_) {
        std::string& text = argv.emplace_back();
        for (const Piece& piece : argument) {
            text += piece.text;
            if (piece.place == Piece::task) text += task;
            if (piece.place >= 0) text += values[static_cast<std::size_t>(piece.place)];
        }
    }
    return argv;
}

}  // namespace qmr::cli
