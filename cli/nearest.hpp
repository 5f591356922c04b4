#pragma once
// What somebody may have meant who mistyped a word.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace qmr::cli {

/// How many letters must be added, removed, replaced, or swapped with their neighbour, to make one of the
/// other.
[[nodiscard]] std::size_t num_edits(std::string_view one, std::string_view other);

/// The known word that is nearest to `word`, where it is likely to be meant: about one letter in three is
/// wrong, or the end is missing.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

/// `; did you mean "..."?`, or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string> known);

}  // namespace qmr::cli
