#pragma once
// Reading what a client program printed, line by line.

#include <algorithm>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decisions/batch_system.hpp"

namespace qmr::detail {

/// The lines of `text` that are not blank, without the blanks around them.
inline std::vector<std::string_view> answer_lines(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\v\f";
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
        const auto begin = line.find_first_not_of(blanks);
        if (begin == std::string_view::npos) continue;
        lines.push_back(line.substr(begin, line.find_last_not_of(blanks) + 1 - begin));
    }
    return lines;
}

/// The lines of standard error, then those of standard output: a wrapper may have sent one to the other.
inline std::vector<std::string_view> all_answer_lines(const ClientAnswer& answer) {
    auto lines = answer_lines(answer.err);
    for (const auto line : answer_lines(answer.out)) lines.push_back(line);
    return lines;
}

/// Several lines as one, for a person. Of too many the last ones, which tell what came of it all.
inline std::string in_one_line(const std::vector<std::string_view>& lines) {
    constexpr std::size_t longest = 500;
    std::string text;
    for (const std::string_view line : std::ranges::reverse_view(lines)) {
        if (!text.empty() && text.size() + line.size() > longest) return "...; " + text;
        if (!text.empty()) text.insert(0, "; ");
        text.insert(0, line.substr(0, longest));
    }
    return text;
}

/// What `find` finds in a line of `text`. None as well when two lines tell different things: then a look by
/// name is safer than a guess.
template <class Find>
std::optional<std::string> find_in_one_line(std::string_view text, Find find) {
    std::optional<std::string> found;
    for (const auto line : answer_lines(text)) {
        std::optional<std::string> here(find(line));
        if (!here) continue;
        if (found && *found != *here) return std::nullopt;
        found = std::move(here);
    }
    return found;
}

/// With the letters of ASCII in lower case: older and newer versions differ in capitals.
inline std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(
        out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace qmr::detail
