#include "cli/command_template.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <qmr/qmr.hpp>

namespace qmr::cli {

namespace {

bool is_of_name(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '_' || letter == '-' || letter == '.';
}

/// Braces with nothing or a name between them.
struct Braces {
    std::string name;
    std::size_t size;
};

// At the begin of the text.
std::optional<Braces> find_braces(std::string_view text) {
    if (!text.starts_with('{')) return std::nullopt;
    std::size_t end = 1;
    while (end < text.size() && is_of_name(text[end])) ++end;
    if (end == text.size() || text[end] != '}') return std::nullopt;
    return Braces{std::string(text.substr(1, end - 1)), end + 1};
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
    Argument pieces;
    std::string text;
    for (std::string_view rest = argument; !rest.empty();) {
        const auto quoted = rest.starts_with("{{") ? find_braces(rest.substr(1)) : std::nullopt;
        if (quoted && rest.substr(1 + quoted->size).starts_with('}')) {
            text += fmt::format("{{{}}}", quoted->name);
            rest.remove_prefix(quoted->size + 2);
        } else if (const auto braces = find_braces(rest)) {
            pieces.push_back({std::exchange(text, {}), place_of(braces->name, fields)});
            rest.remove_prefix(braces->size);
        } else {
            text += rest.front();
            rest.remove_prefix(1);
        }
    }
    pieces.push_back({std::move(text), Piece::end});
    return pieces;
}

int CommandTemplate::place_of(const std::string& name, std::span<const std::string> fields) {
    if (name.empty()) return Piece::task;
    if (std::ranges::find(fields, name) == fields.end())
        throw BadInput(fmt::format(
            "unknown place {{{0}}} in the command: tasks have {1}; for the text itself write {{{{{0}}}}}",
            name,
            fields.empty() ? "no names unless they come from a CSV or JSON file, only {}"
                           : fmt::format("{{{}}}", fmt::join(fields, "}, {"))));
    auto known = std::ranges::find(names_, name);
    if (known == names_.end()) known = names_.insert(names_.end(), name);
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
