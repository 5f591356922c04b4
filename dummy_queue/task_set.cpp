#include "dummy_queue/task_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>
#include <vector>

namespace qmr::dummy_queue {
namespace {

/// More than any Grid Engine allows; a typo in a state file shall not fill the memory.
constexpr std::uint64_t max_num_tasks = 1'000'000;

std::vector<std::string_view> split_at_commas(std::string_view text) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto comma = text.find(',');
        parts.push_back(text.substr(0, comma));
        if (comma == std::string_view::npos) return parts;
        text.remove_prefix(comma + 1);
    }
}

/// N, N-M or N-M:STEP
std::optional<TaskRange> read_one_range(std::string_view text) {
    std::optional<std::uint64_t> step = 1;
    if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        step = read_number(text.substr(colon + 1));
        text = text.substr(0, colon);
    }
    const auto dash = text.find('-');
    const auto first = read_number(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : read_number(text.substr(dash + 1));
    if (!first || !last || !step || *step == 0) return std::nullopt;
    TaskRange range{*first, *last, *step};
    if (range.first > range.last) std::swap(range.first, range.last);
    return range;
}

}  // namespace

std::optional<std::uint64_t> read_number(std::string_view text) {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (text.empty() || error != std::errc{} || rest != end) return std::nullopt;
    return number;
}

TaskSet TaskRange::tasks() const {
    TaskSet tasks;
    for (std::uint64_t i = 0; i < size(); ++i) tasks.insert(tasks.end(), first + i * step);
    return tasks;
}

std::string to_text(const TaskRange& range) {
    const auto last = range.first + (range.size() - 1) * range.step;
    if (range.size() == 1) return std::to_string(range.first);
    if (range.size() == 2) return fmt::format("{},{}", range.first, last);
    return fmt::format("{}-{}:{}", range.first, last, range.step);
}

std::string to_text(const TaskSet& tasks, std::uint64_t step) {
    std::string text;
    for (auto begin = tasks.begin(); begin != tasks.end();) {
        auto last = begin;
        auto end = std::next(begin);
        while (end != tasks.end() && *end == *last + step) last = end++;
        if (!text.empty()) text += ',';
        text += to_text(TaskRange{*begin, *last, step});
        begin = end;
    }
    return text;
}

std::optional<TaskSet> read_task_set(std::string_view text) {
    TaskSet tasks;
    if (text.empty()) return tasks;
    for (const auto part : split_at_commas(text)) {
        const auto range = read_one_range(part);
        if (!range || range->size() > max_num_tasks - tasks.size()) return std::nullopt;
        tasks.merge(range->tasks());
    }
    return tasks;
}

TaskRangeArgument read_task_range(std::string_view text) {
    using Verdict = TaskRangeArgument::Verdict;
    std::vector<TaskRange> ranges;
    for (const auto part : split_at_commas(text)) {
        const auto range = read_one_range(part);
        if (!range) return {Verdict::not_a_number, {}};
        ranges.push_back(*range);
    }
    if (ranges.size() == 1) return {Verdict::good, ranges.front()};

    TaskSet tasks;
    for (const auto& range : ranges) {
        if (range.first != range.last) return {Verdict::several_ranges, {}};
        tasks.insert(range.first);
    }
    const auto first = *tasks.begin();
    const auto last = *tasks.rbegin();
    const TaskRange merged{first, last, tasks.size() == 1 ? 1 : *std::next(tasks.begin()) - first};
    const bool is_one_range =
        merged.size() == tasks.size() &&
        std::ranges::all_of(tasks, [&](std::uint64_t task) { return merged.contains(task); });
    if (!is_one_range) return {Verdict::several_ranges, {}};
    return {Verdict::good, merged};
}

}  // namespace qmr::dummy_queue
