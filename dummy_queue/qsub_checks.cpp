#include "dummy_queue/qsub_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string_view>

namespace qmr::dummy_queue {
namespace {

bool is_time(std::string_view value) {
    if (value == "INFINITY") return true;
    bool has_digit = false;
    for (const char c : value) {
        if (c != ':' && std::isdigit(static_cast<unsigned char>(c)) == 0) return false;
        has_digit = has_digit || c != ':';
    }
    return has_digit && std::ranges::count(value, ':') <= 2;
}

bool is_memory(std::string_view value) {
    if (value == "INFINITY") return true;
    if (!value.empty() && std::string_view("KkMmGgTt").find(value.back()) != std::string_view::npos) {
        value.remove_suffix(1);
    }
    const auto is_digit = [](char c) { return c == '.' || std::isdigit(static_cast<unsigned char>(c)) != 0; };
    return !value.empty() && std::ranges::all_of(value, is_digit) && std::ranges::count(value, '.') <= 1;
}

/// Names are not checked, since a site may define any; the values of the usual ones are.
std::optional<std::string> what_is_wrong_with_resource(const std::string& resource) {
    static const std::set<std::string_view> times{"h_rt", "s_rt", "h_cpu", "s_cpu"};
    static const std::set<std::string_view> memories{
        "h_vmem", "s_vmem", "h_rss",   "s_rss",   "h_data",   "s_data",    "h_stack",      "s_stack",
        "h_core", "s_core", "h_fsize", "s_fsize", "mem_free", "mem_total", "virtual_free", "swap_free"};
    const auto equals = resource.find('=');
    const auto name = resource.substr(0, equals);
    const auto value = equals == std::string::npos ? "" : resource.substr(equals + 1);
    if (times.contains(name) && !is_time(value))
        return fmt::format("attribute \"{}\" is not a time value", name);
    if (memories.contains(name) && !is_memory(value)) {
        return fmt::format("attribute \"{}\" is not a memory value", name);
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> what_is_wrong_with_name(const std::string& name) {
    struct Forbidden {
        char c;
        const char* name;
    };
    constexpr std::array<Forbidden, 8> forbidden{{{'\n', "Return"},
                                                  {'\t', "Tabulator"},
                                                  {'\r', "Carriage return"},
                                                  {':', "Colon"},
                                                  {'@', "At"},
                                                  {'\\', "Backslash"},
                                                  {'*', "Asterisk"},
                                                  {'?', "Questionmark"}}};
    if (name.empty()) return "denied: \"\" is not a valid object name";
    if (std::isdigit(static_cast<unsigned char>(name.front())) != 0) {
        return fmt::format("denied: \"{}\" is not a valid object name (cannot start with a digit)", name);
    }
    for (const auto& [c, what] : forbidden) {
        if (name.find(c) != std::string::npos)
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
    if (submission.array && submission.array->last > state.max_aj_tasks) {
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
        if (auto wrong = what_is_wrong_with_resource(resource)) return wrong;
    }
    return std::nullopt;
}

}  // namespace qmr::dummy_queue
