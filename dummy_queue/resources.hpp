#pragma once
// What is asked for by `-l`, and what its values mean.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace qmr::dummy_queue {

/// True for `INFINITY`, seconds, or hours, minutes and seconds with colons between them.
[[nodiscard]] bool is_time(std::string_view value);
/// True for `INFINITY` or a number that may have one of the letters K M G T behind it, large or small.
[[nodiscard]] bool is_memory(std::string_view value);

/// Of such a value; large letters count by 1024, small ones by 1000. INFINITY and garbage: 0.
[[nodiscard]] std::uint64_t seconds_of(std::string_view value);
[[nodiscard]] std::uint64_t bytes_of(std::string_view value);

/// Those among the recorded options that begin with `-l `, the last value of each name. Times are in seconds.
[[nodiscard]] std::map<std::string, std::string> requested_resources(
    const std::vector<std::string>& recorded);

/// In the words of the qmaster. Empty: nothing. Names are not checked, since a site may define any; the
/// values of the usual ones are.
[[nodiscard]] std::string what_is_wrong_with_resource(const std::string& resource);

}  // namespace qmr::dummy_queue
