// The defaults of options that come from environment variables.

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string_view>

#include "ground/number.hpp"
#include "qmr/error.hpp"
#include "qmr/options.hpp"

namespace qmr::environment {

namespace {

// An empty variable counts as one that is not set.
const char* value_of(const char* variable) {
    const char* value = std::getenv(variable);
    return value == nullptr || *value == '\0' ? nullptr : value;
}

[[noreturn]] void refuse(const char* variable, std::string_view expected) {
    throw BadInput(fmt::format("${} is '{}', which is not {}", variable, std::getenv(variable), expected));
}

}  // namespace

std::string text(const char* variable, const char* otherwise) {
    const char* value = value_of(variable);
    return value == nullptr ? otherwise : value;
}

std::vector<std::string> words(const char* variable, std::vector<std::string> otherwise) {
    const char* value = value_of(variable);
    if (value == nullptr) return otherwise;
    std::istringstream stream{std::string(value)};
    std::vector<std::string> all;
    for (std::string word; stream >> word;) all.push_back(word);
    return all;
}

std::optional<std::size_t> count(const char* variable) {
    const char* value = value_of(variable);
    if (value == nullptr) return std::nullopt;
    const auto found = detail::read_number<std::size_t>(value);
    if (!found) refuse(variable, "a whole number of at least 0");
    return found;
}

std::uint64_t bytes(const char* variable) {
    const char* value = value_of(variable);
    if (value == nullptr) return 0;
    std::string_view digits = value;
    constexpr std::string_view units = "KMGT";
    unsigned shift = 0;
    if (const auto unit = units.find(digits.back()); unit != std::string_view::npos) {
        shift = 10 * static_cast<unsigned>(unit + 1);
        digits.remove_suffix(1);
    }
    const auto found = detail::read_number<std::uint64_t>(digits);
    if (!found || *found > (UINT64_MAX >> shift)) refuse(variable, "a size in bytes such as 500M or 4G");
    return *found << shift;
}

Seconds seconds(const char* variable, double otherwise) {
    const char* value = value_of(variable);
    if (value == nullptr) return Seconds{otherwise};
    const auto found = detail::read_number<double>(value);
    constexpr double longest = 1e9;  // some 30 years
    if (!found || !(*found >= 0 && *found <= longest)) refuse(variable, "a time in seconds of at least 0");
    return Seconds{*found};
}

double factor(const char* variable, double otherwise) {
    const char* value = value_of(variable);
    if (value == nullptr) return otherwise;
    const auto found = detail::read_number<double>(value);
    constexpr double largest = 1e9;
    if (!found || !(*found >= 0 && *found <= largest)) refuse(variable, "a number of at least 0");
    return *found;
}

bool flag(const char* variable, bool otherwise) {
    const char* value = value_of(variable);
    if (value == nullptr) return otherwise;
    if (std::strcmp(value, "0") != 0 && std::strcmp(value, "1") != 0) refuse(variable, "0 or 1");
    return *value == '1';
}

Progress progress(const char* variable) {
    const char* value = value_of(variable);
    if (value == nullptr || std::strcmp(value, "auto") == 0) return Progress::automatic;
    if (std::strcmp(value, "lines") == 0) return Progress::lines;
    if (std::strcmp(value, "json") == 0) return Progress::json;
    if (std::strcmp(value, "silent") != 0) refuse(variable, "auto, lines, json or silent");
    return Progress::silent;
}

Jobs jobs(const char* variable) {
    const char* value = value_of(variable);
    if (value == nullptr || std::strcmp(value, "auto") == 0) return Jobs::automatic;
    if (std::strcmp(value, "one_per_chunk") == 0) return Jobs::one_per_chunk;
    if (std::strcmp(value, "pull") != 0) refuse(variable, "auto, one_per_chunk or pull");
    return Jobs::pull;
}

}  // namespace qmr::environment
