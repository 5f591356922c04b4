#pragma once
// The indices of array tasks as Grid Engine writes them: `4`, `4,5`, `2-6:1,10,17-20:1` (sge_types(1)).

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace qmr::detail {

/// The indices first, first + step, ... up to last. 1 <= first <= last and 1 <= step.
struct TaskRange {
    std::uint64_t first = 1;
    std::uint64_t last = 1;
    std::uint64_t step = 1;

    [[nodiscard]] std::uint64_t count() const { return (last - first) / step + 1; }
    bool operator==(const TaskRange&) const = default;
};

/// None: not a list of ranges. Takes memory for the ranges as they are written, whatever they count.
[[nodiscard]] std::optional<std::vector<TaskRange>> parse_task_ranges(std::string_view text);

}  // namespace qmr::detail
