#include "cli/roff.hpp"

namespace qmr::cli {

namespace {

// Letters that typesetters would turn into others, too: a command that is copied from the page has to run.
std::string_view escape(char letter) {
    switch (letter) {
        case '\\':
            return R"(\(rs)";
        case '-':
            return R"(\-)";
        case '\'':
            return R"(\(aq)";
        case '"':
            return R"(\(dq)";
        case '`':
            return R"(\(ga)";
        case '^':
            return R"(\(ha)";
        case '~':
            return R"(\(ti)";
        default:
            return {};
    }
}

}  // namespace

std::string roff(std::string_view text) {
    std::string escaped;
    bool is_line_begin = true;
    for (const char letter : text) {
        if (letter == '.' && is_line_begin) escaped += R"(\&)";
        const std::string_view instead = escape(letter);
        if (instead.empty())
            escaped += letter;
        else
            escaped += instead;
        is_line_begin = letter == '\n';
    }
    return escaped;
}

std::string bold(std::string_view text) {
    return R"(\fB)" + roff(text) + R"(\fR)";
}

std::string italic(std::string_view text) {
    return R"(\fI)" + roff(text) + R"(\fR)";
}

}  // namespace qmr::cli
