#include "vocabulary/job_name.hpp"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <charconv>
#include <chrono>
#include <ctime>

#include "ground/host.hpp"

namespace qmr::detail {

std::string make_session_id(std::int64_t seconds_since_epoch, std::uint64_t random) {
    const auto time = static_cast<std::time_t>(seconds_since_epoch);
    std::tm utc{};
    ::gmtime_r(&time, &utc);
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}-{:012x}", utc.tm_year + 1900, utc.tm_mon + 1,
                       utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, random & 0xFFFF'FFFF'FFFFULL);
}

std::string new_session_id() {
    return make_session_id(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()),
                           random_bits());
}

std::uint64_t session_hash(std::string_view session_id) {
    return XXH3_64bits(session_id.data(), session_id.size());
}

std::string JB_name_prefix(std::string_view session_id) {
    return fmt::format("q{}.", session_id);
}

std::string make_JB_name(std::string_view session_id, std::size_t isubmission,
                         std::optional<std::size_t> ichunk) {
    std::string name = fmt::format("{}{}", JB_name_prefix(session_id), isubmission);
    if (ichunk) name += fmt::format("#{:09}", *ichunk);
    return name;
}

std::optional<std::size_t> isubmission_of(std::string_view JB_name, std::string_view session_id) {
    const std::string prefix = JB_name_prefix(session_id);
    if (!JB_name.starts_with(prefix)) return std::nullopt;
    JB_name.remove_prefix(prefix.size());
    std::size_t isubmission = 0;
    const char* end = JB_name.data() + JB_name.size();
    const auto [rest, error] = std::from_chars(JB_name.data(), end, isubmission);
    if (error != std::errc{} || (rest != end && *rest != '#')) return std::nullopt;
    return isubmission;
}

}  // namespace qmr::detail
