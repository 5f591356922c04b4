#include "adapters/batch_systems/task_ranges.hpp"

#include "ground/number.hpp"

namespace qmr::detail {

namespace {

std::optional<std::uint64_t> take_index(std::string_view& text) {
    const auto number = take_number<std::uint64_t>(text);
    return number == 0U ? std::nullopt : number;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<TaskRange> take_range(std::string_view& text) {
    const auto first = take_index(text);
    if (!first) return std::nullopt;
    TaskRange range{*first, *first, 1};
    if (take(text, '-')) {
        const auto last = take_index(text);
        if (!last || *last < *first) return std::nullopt;
        range.last = *last;
        if (take(text, ':')) {
            const auto step = take_index(text);
            if (!step) return std::nullopt;
            range.step = *step;
        }
    }
    return range;
}

}  // namespace

std::optional<std::vector<TaskRange>> parse_task_ranges(std::string_view text) {
    std::vector<TaskRange> ranges;
    do {
        const auto range = take_range(text);
        if (!range) return std::nullopt;
        ranges.push_back(*range);
    } while (take(text, ','));
    if (!text.empty()) return std::nullopt;
    return ranges;
}

}  // namespace qmr::detail
