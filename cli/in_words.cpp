#include "cli/in_words.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>

namespace qmr::cli {

namespace {

std::time_t seconds_of(Time time) {
    return std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
}

}  // namespace

std::string count(std::size_t number, std::string_view word) {
    return fmt::format("{} {}{}", number, word, number == 1 ? "" : "s");
}

std::string duration(Seconds time) {
    if (time < Seconds{10}) return fmt::format("{:.2g} s", time.count());
    const auto total = static_cast<long>(time.count());
    if (total < 120) return fmt::format("{} s", total);
    if (total < 7200) return fmt::format("{} min", total / 60);
    if (total < 172'800) return fmt::format("{} h {:02} min", total / 3600, total / 60 % 60);
    return fmt::format("{} d {:02} h", total / 86'400, total / 3600 % 24);
}

std::string size(std::uint64_t bytes) {
    if (bytes < 1000) return count(bytes, "byte");
    constexpr std::array units{"kB", "MB", "GB", "TB"};
    double number = static_cast<double>(bytes) / 1000;
    std::size_t iunit = 0;
    for (; number >= 1000 && iunit + 1 < units.size(); ++iunit) number /= 1000;
    return fmt::format("{:.3g} {}", number, units[iunit]);
}

std::string local_time(Time time) {
    return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(seconds_of(time)));
}

std::string utc_time(Time time) {
    const auto milliseconds =
        std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count() % 1000;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds_of(time)), milliseconds);
}

}  // namespace qmr::cli
