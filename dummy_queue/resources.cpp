#include "dummy_queue/resources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>

#include "dummy_queue/task_set.hpp"

namespace qmr::dummy_queue {
namespace {

const std::set<std::string_view> times{"h_rt", "s_rt", "h_cpu", "s_cpu"};
const std::set<std::string_view> memories{
    "h_vmem", "s_vmem", "h_rss",   "s_rss",   "h_data",   "s_data",    "h_stack",      "s_stack",
    "h_core", "s_core", "h_fsize", "s_fsize", "mem_free", "mem_total", "virtual_free", "swap_free"};

}  // namespace

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

std::uint64_t seconds_of(std::string_view value) {
    std::uint64_t seconds = 0;
    for (;;) {
        const auto colon = value.find(':');
        seconds = seconds * 60 + read_number(value.substr(0, colon)).value_or(0);
        if (colon == std::string_view::npos) return seconds;
        value.remove_prefix(colon + 1);
    }
}

std::uint64_t bytes_of(std::string_view value) {
    double number = 0;
    const auto rest = std::from_chars(value.data(), value.data() + value.size(), number).ptr;
    constexpr std::string_view large = "KMGT";
    constexpr std::string_view small = "kmgt";
    if (rest != value.data() + value.size()) {
        const double factor = large.find(*rest) == std::string_view::npos ? 1000 : 1024;
        const auto power = std::min(large.find(*rest), small.find(*rest));
        for (std::size_t i = 0; power != std::string_view::npos && i <= power; ++i) number *= factor;
    }
    return number > 0 && number < 1e18 ? static_cast<std::uint64_t>(number) : 0;
}

std::map<std::string, std::string> requested_resources(const std::vector<std::string>& recorded) {
    std::map<std::string, std::string> resources;
    for (const auto& option : recorded) {
        if (!option.starts_with("-l ")) continue;
        const auto equals = option.find('=');
        const auto name = option.substr(3, equals == std::string::npos ? equals : equals - 3);
        auto value = equals == std::string::npos ? "TRUE" : option.substr(equals + 1);
        if (times.contains(name) && value != "INFINITY") value = std::to_string(seconds_of(value));
        resources.insert_or_assign(name, value);
    }
    return resources;
}

std::string what_is_wrong_with_resource(const std::string& resource) {
    const auto equals = resource.find('=');
    const auto name = resource.substr(0, equals);
    const auto value = equals == std::string::npos ? "" : resource.substr(equals + 1);
    if (value.empty() && (times.contains(name) || memories.contains(name))) {
        return fmt::format("denied: missing value for resource \"{}\"", name);
    }
    if (times.contains(name) && !is_time(value))
        return fmt::format("attribute \"{}\" is not a time value", name);
    if (memories.contains(name) && !is_memory(value)) {
        return fmt::format("attribute \"{}\" is not a memory value", name);
    }
    return "";
}

}  // namespace qmr::dummy_queue
