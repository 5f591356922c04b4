#pragma once
// Reading what a client program printed, line by line.

#include <string_view>
#include <vector>

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

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace qmr::detail
