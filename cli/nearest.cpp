#include "cli/nearest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace qmr::cli {

std::size_t num_edits(std::string_view one, std::string_view other) {
    // Rows of the table of distances between beginnings: of this, the last, and the last but one letter.
    std::vector<std::size_t> before_last(other.size() + 1);
    std::vector<std::size_t> last(other.size() + 1);
    std::vector<std::size_t> row(other.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= one.size(); ++i) {
        std::swap(before_last, last);
        std::swap(last, row);
        row[0] = i;
        for (std::size_t j = 1; j <= other.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
            row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return row[other.size()];
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known) {
    std::optional<std::string> best;
    std::size_t fewest = 0;
    for (const std::string& candidate : known) {
        const std::size_t edits = num_edits(word, candidate);
        const bool is_cut_off = word.size() >= 3 && candidate.starts_with(word);
        if (!is_cut_off && edits > std::max<std::size_t>(1, word.size() / 3)) continue;
        if (best && edits >= fewest) continue;
        best = candidate;
        fewest = edits;
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> known) {
    const auto meant = nearest(word, known);
    return meant ? fmt::format("; did you mean \"{}\"?", *meant) : std::string();
}

}  // namespace qmr::cli
