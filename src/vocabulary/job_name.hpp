#pragma once
// Names that tell one map, and one submission of it, from all others.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace qmr::detail {

/// Identity of one call of map(): the time in UTC, and 48 random bits. Only digits, letters and `-`.
[[nodiscard]] std::string make_session_id(std::int64_t seconds_since_epoch, std::uint64_t random);

/// A new one, from the clock and the system's source of randomness.
[[nodiscard]] std::string new_session_id();

/// Hash of a session id, written into each file of its map.
[[nodiscard]] std::uint64_t session_hash(std::string_view session_id);

/// What the JB_name of each queue job of a session begins with, and of no other session.
[[nodiscard]] std::string JB_name_prefix(std::string_view session_id);

/// JB_name of a submission. Each submission has its own, so that a queue job can be found by name when the
/// answer of the submit program got lost. Outside arrays it tells the ichunk as well. Grid Engine allows no
/// leading digit and none of `: @ / \ * ?` (sge_types(1)).
[[nodiscard]] std::string make_JB_name(std::string_view session_id, std::size_t isubmission,
                                       std::optional<std::size_t> ichunk = std::nullopt);

/// isubmission of a JB_name. None: the name is not of this session.
[[nodiscard]] std::optional<std::size_t> isubmission_of(std::string_view JB_name,
                                                        std::string_view session_id);

}  // namespace qmr::detail
