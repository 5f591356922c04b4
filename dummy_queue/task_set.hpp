#pragma once
// Sets of array tasks, and how Grid Engine writes them: `2-6:1,10,13`.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace qmr::dummy_queue {

using TaskSet = std::set<std::uint64_t>;

/// What `-t first-last:step` asks for.
struct TaskRange {
    std::uint64_t first = 1;
    std::uint64_t last = 1;
    std::uint64_t step = 1;

    [[nodiscard]] bool contains(std::uint64_t task) const {
        return first <= task && task <= last && (task - first) % step == 0;
    }
    [[nodiscard]] std::uint64_t size() const { return (last - first) / step + 1; }
    /// Only for ranges whose size is known to be sane.
    [[nodiscard]] TaskSet tasks() const;
    bool operator==(const TaskRange&) const = default;
};

/// Runs of neighbours, `step` apart, become `N-M:step`; two of them `N,M`; one `N`.
[[nodiscard]] std::string to_text(const TaskSet&, std::uint64_t step);
[[nodiscard]] std::string to_text(const TaskRange&);

/// Reads back what to_text() wrote. None: it is no such text.
[[nodiscard]] std::optional<TaskSet> read_task_set(std::string_view);

/// Digits only, and not too many. None: something else.
[[nodiscard]] std::optional<std::uint64_t> read_number(std::string_view);

/// The argument of `-t`. Ends in the wrong order are swapped and `1,3,5` becomes `1-5:2`, without a word.
struct TaskRangeArgument {
    enum class Verdict { good, not_a_number, several_ranges };
    Verdict verdict = Verdict::not_a_number;
    TaskRange range;
};
[[nodiscard]] TaskRangeArgument read_task_range(std::string_view);

}  // namespace qmr::dummy_queue
