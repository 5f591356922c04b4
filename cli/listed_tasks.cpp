#include "cli/listed_tasks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <qmr/error.hpp>
#include <string_view>

namespace qmr::cli {

namespace {

constexpr std::array<std::string_view, 4> marks{":::", ":::+", "::::", "::::+"};

}  // namespace

std::optional<std::vector<std::string>> take_listed_tasks(std::vector<std::string>& command) {
    const auto mark = std::ranges::find(command, ":::");
    for (auto word = command.begin(); word != command.end(); ++word)
        if (word != mark && std::ranges::find(marks, *word) != marks.end())
            throw BadInput(
                fmt::format("\"{}\" is not supported: there is one list of tasks, behind one \":::\", or a "
                            "file of them, --tasks FILE",
                            *word));
    if (mark == command.end()) return std::nullopt;
    std::vector<std::string> tasks(std::next(mark), command.end());
    if (tasks.empty()) throw BadInput("there is no task behind \":::\"; leave it out for tasks from stdin");
    command.erase(mark, command.end());
    return tasks;
}

}  // namespace qmr::cli
