#include "cli/doctor_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "cli/json.hpp"

namespace qmr::cli {

namespace {

struct MarkName {
    Mark mark;
    const char* text;
    const char* json;
};
constexpr std::array mark_names{MarkName{Mark::well, "ok", "ok"},
                                MarkName{Mark::not_checked, "--", "not_checked"},
                                MarkName{Mark::wrong, "!!", "wrong"}};

const MarkName& name_of(Mark mark) {
    return *std::ranges::find(mark_names, mark, &MarkName::mark);
}

Mark mark_from(const std::string& name) {
    const auto found =
        std::ranges::find_if(mark_names, [&](const MarkName& one) { return name == one.json; });
    if (found == mark_names.end()) throw std::invalid_argument("there is no mark " + name);
    return found->mark;
}

}  // namespace

std::string to_text(const Check& check) {
    const std::string line =
        fmt::format("{}  {:<11}  {}\n", name_of(check.mark).text, check.name, check.found);
    return check.advice.empty() ? line : fmt::format("{}{:17}{}\n", line, "", check.advice);
}

Json to_json(std::span<const Check> checks) {
    Json list = Json::array();
    for (const Check& check : checks)
        list.push_back({{"check", check.name},
                        {"mark", name_of(check.mark).json},
                        {"found", check.found},
                        {"advice", check.advice}});
    return {{"is_well", are_well(checks)}, {"checks", std::move(list)}};
}

std::vector<Check> checks_from_json(const Json& object) {
    std::vector<Check> checks;
    for (const Json& one : object.at("checks"))
        checks.push_back({mark_from(one.at("mark")), one.at("check"), one.at("found"), one.at("advice")});
    return checks;
}

bool are_well(std::span<const Check> checks) {
    return std::ranges::none_of(checks, [](const Check& check) { return check.mark == Mark::wrong; });
}

}  // namespace qmr::cli
