#include "dummy_queue/output_path.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/filesystem/operations.hpp>
#include <utility>

namespace qmr::dummy_queue {
namespace {

std::string expanded(const std::string& path, const OutputPlace& place) {
    const std::array<std::pair<std::string_view, std::string>, 6> variables{{
        {"$HOME", place.home},
        {"$USER", place.user},
        {"$JOB_ID", std::to_string(place.JB_job_number)},
        {"$JOB_NAME", place.JB_name},
        {"$HOSTNAME", place.host},
        {"$TASK_ID", std::to_string(place.array_task.value_or(0))},
    }};
    std::string out;
    for (std::string_view rest = path; !rest.empty();) {
        bool is_variable = false;
        for (const auto& [name, value] : variables) {
            if (!rest.starts_with(name)) continue;
            out += value;
            rest.remove_prefix(name.size());
            is_variable = true;
            break;
        }
        if (is_variable) continue;
        out += rest.front();
        rest.remove_prefix(1);
    }
    return out;
}

}  // namespace

OutputArgument read_output_argument(const std::string& argument) {
    const auto colon = argument.find(':');
    if (colon == std::string::npos) return {std::nullopt, argument};
    return {argument.substr(0, colon), argument.substr(colon + 1)};
}

std::string output_path(const std::string& path, char letter, const OutputPlace& place) {
    namespace fs = boost::filesystem;
    auto default_name = fmt::format("{}.{}{}", place.JB_name, letter, place.JB_job_number);
    if (place.array_task) default_name += fmt::format(".{}", *place.array_task);

    auto out = expanded(path, place);
    if (out.empty()) out = default_name;
    if (out.starts_with("~/")) out = place.home + out.substr(1);
    const auto absolute = fs::absolute(out, place.directory);
    boost::system::error_code ignored;
    return (fs::is_directory(absolute, ignored) ? absolute / default_name : absolute).native();
}

}  // namespace qmr::dummy_queue
