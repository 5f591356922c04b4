#include "dummy_queue/qsub_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "dummy_queue/resources.hpp"

namespace qmr::dummy_queue {
std::optional<std::string> what_is_wrong_with_name(const std::string& name) {
    struct Forbidden {
        char c;
        const char* name;
    };
    constexpr std::array<Forbidden, 8> forbidden{{{'\n', "Return"},
                                                  {'\t', "Tab"},
                                                  {'\r', "Carriage return"},
                                                  {':', "Colon"},
                                                  {'@', "At"},
                                                  {'\\', "Backslash"},
                                                  {'*', "Asterisk"},
                                                  {'?', "Questionmark"}}};
    if (name.empty()) return "job rejected cause there is no job_name in the request";
    if (std::isdigit(static_cast<unsigned char>(name.front())) != 0) {
        return fmt::format("denied: \"{}\" is not a valid object name (cannot start with a digit)", name);
    }
    for (const auto& [c, what] : forbidden) {
        if (name.find(c) == std::string::npos) continue;
        if (c < ' ') return fmt::format("{} not allowed in objectname", what);
        return fmt::format("{} ('{}') not allowed in objectname", what, c);
    }
    for (const char c : name) {
        const bool is_plain = c > ' ' && c < '\x7f';
        if (!is_plain) return "Error reading answer list from qmaster";
    }
    std::string upper = name;
    std::ranges::transform(upper, upper.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (upper == "NONE" || upper == "ALL" || upper == "TEMPLATE") {
        return fmt::format("Keyword (\"{}\") not allowed as objectname", upper);
    }
    if (name.size() > 511) return "job name too long, maximum allowed length is 512 characters";
    return std::nullopt;
}

std::optional<std::string> what_is_wrong(const QsubRequest& request, const State& state,
                                         const std::string& host) {
    const auto& submission = request.submission;
    if (auto wrong = what_is_wrong_with_name(submission.JB_name)) return wrong;
    if (submission.array && submission.array->first == 0) return "job rejected: 0 is an invalid task id";
    if (submission.array && submission.array->size() > state.max_aj_tasks) {
        return fmt::format("job rejected: you tried to submit a job with more than {} tasks",
                           state.max_aj_tasks);
    }
    if (!submission.array && submission.max_num_running != 0) {
        return "invalid \"task concurrency\" value in job request";
    }
    if (request.priority > 0) {
        return "job rejected: positive submission priority requires operator privileges";
    }
    const auto& output_host = request.output_host;
    if (!output_host.empty() && output_host != host && output_host != "localhost") {
        return fmt::format("can't resolve hostname \"{}\"", output_host);
    }
    for (const auto& resource : request.resources) {
        if (const auto wrong = what_is_wrong_with_resource(resource); !wrong.empty()) return wrong;
    }
    return std::nullopt;
}

}  // namespace qmr::dummy_queue
