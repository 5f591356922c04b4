#include "qmr/map_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace qmr {

namespace {

constexpr std::size_t max_num_messages = 3;
constexpr std::size_t max_num_tasks_named = 5;

}  // namespace

std::string summary_of(const std::vector<TaskFailure>& failures) {
    std::map<std::string, std::vector<std::size_t>> tasks_by_message;
    for (const TaskFailure& failure : failures) {
        std::string message = failure.message;
        std::ranges::replace(message, '\n', ' ');
        tasks_by_message[message].push_back(failure.itask);
    }
    std::vector<std::pair<std::string, std::vector<std::size_t>>> groups(tasks_by_message.begin(),
                                                                         tasks_by_message.end());
    std::ranges::stable_sort(groups,
                             [](const auto& a, const auto& b) { return a.second.size() > b.second.size(); });

    std::string text;
    for (std::size_t i = 0; i < std::min(groups.size(), max_num_messages); ++i) {
        const auto& [message, tasks] = groups[i];
        const auto named = std::min(tasks.size(), max_num_tasks_named);
        text +=
            fmt::format("{}{} x {} (task{} {}{})", i == 0 ? "" : "; ", tasks.size(), message,
                        tasks.size() == 1 ? "" : "s",
                        fmt::join(tasks.begin(), tasks.begin() + static_cast<std::ptrdiff_t>(named), ", "),
                        named < tasks.size() ? ", ..." : "");
    }
    std::size_t num_more = 0;
    for (std::size_t i = max_num_messages; i < groups.size(); ++i) num_more += groups[i].second.size();
    if (num_more > 0) text += fmt::format("; {} more with other messages", num_more);
    return text;
}

MapError::MapError(std::size_t num_tasks, std::vector<TaskFailure> failures, std::filesystem::path work_dir,
                   std::any results)
    : Error(fmt::format("{} of {} tasks failed{}{}; the files are kept in {}", failures.size(), num_tasks,
                        failures.empty() ? "" : ": ", summary_of(failures), work_dir.native())),
      num_tasks_(num_tasks),
      failures_(std::make_shared<const std::vector<TaskFailure>>(std::move(failures))),
      work_dir_(std::make_shared<const std::filesystem::path>(std::move(work_dir))),
      results_(std::move(results)) {}

}  // namespace qmr
