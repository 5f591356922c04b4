#pragma once

#include <string>
#include <vector>

namespace qmr::cli {

/// The words of a command that is given as one, as a shell would read them (wordexp(3)): quotes, $VARIABLE,
/// ~ and patterns. There is no shell behind it: throws BadInput for what needs one (`|`, `;`, `$(...)`), for
/// a variable that is not set, an open quote, and where there is no word.
[[nodiscard]] std::vector<std::string> command_words(const std::string& text);

}  // namespace qmr::cli
