#pragma once
// Times, sizes and numbers for a person.

#include <cstdint>
#include <qmr/map_status.hpp>
#include <string>
#include <string_view>

namespace qmr::cli {

/// "1 task", "2 tasks"; `word` gets an s.
[[nodiscard]] std::string count(std::size_t number, std::string_view word);

/// "3.2 s", "12 min", "3 h 05 min", "4 d 02 h".
[[nodiscard]] std::string duration(Seconds time);

/// "512 bytes", "1.5 MB": in powers of 1000.
[[nodiscard]] std::string size(std::uint64_t bytes);

/// "2026-11-20 10:33:06", by the time of this place.
[[nodiscard]] std::string local_time(Time time);

/// "2026-11-20T09:33:06.123Z", as in the files of a map.
[[nodiscard]] std::string utc_time(Time time);

}  // namespace qmr::cli
