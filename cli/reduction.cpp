#include "cli/reduction.hpp"

#include "cli/json.hpp"

namespace qmr::cli {

namespace {}

std::string Reduction::to_json() const {
    return Json{{"reduce", command},
                {"fan_in", fan_in},
                {"timeout", timeout},
                {"num_retries", num_retries},
                {"keeps_work_dir", keeps_work_dir}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Reduction> Reduction::from_json(const std::string& text) {
    const Json object = Json::parse(text, nullptr, false);
    if (!object.is_object() || !object.contains("reduce")) return std::nullopt;
    Reduction reduction;
    object.at("reduce").get_to(reduction.command);
    object.at("fan_in").get_to(reduction.fan_in);
    object.at("timeout").get_to(reduction.timeout);
    object.at("num_retries").get_to(reduction.num_retries);
    object.at("keeps_work_dir").get_to(reduction.keeps_work_dir);
    return reduction;
}

std::vector<std::size_t> levels_of(std::size_t num_tasks, std::size_t fan_in) {
    std::vector<std::size_t> levels;
    std::size_t left = num_tasks;
    do {
        left = (left - 1) / fan_in + 1;
        levels.push_back(left);
    } while (left > 1);
    return levels;
}

std::vector<ReduceTask> commands_of(std::size_t num_outputs, std::size_t num_commands) {
    std::vector<ReduceTask> commands;
    commands.reserve(num_commands);
    const std::size_t each = num_outputs / num_commands;
    const std::size_t num_longer = num_outputs % num_commands;
    std::size_t first = 0;
    for (std::size_t i = 0; i < num_commands; ++i) {
        const std::size_t num = each + (i < num_longer ? 1 : 0);
        commands.push_back({i, first, num});
        first += num;
    }
    return commands;
}

}  // namespace qmr::cli
