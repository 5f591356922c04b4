#pragma once
// Text for man pages, see man(7).

#include <string>
#include <string_view>

namespace qmr::cli {

/// The text as roff shows it letter by letter: nothing in it is an escape, a request or the end of an
/// argument. It may have several lines.
[[nodiscard]] std::string roff(std::string_view text);

/// The same, bold or italic.
[[nodiscard]] std::string bold(std::string_view text);
[[nodiscard]] std::string italic(std::string_view text);

}  // namespace qmr::cli
