#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "qmr/result.hpp"

namespace qmr::detail {

inline constexpr std::array all_causes{
    Cause::exception,      Cause::crash,          Cause::error_state,
    Cause::vanished,       Cause::worker_failure, Cause::corrupt_result,
    Cause::binary_changed, Cause::out_of_memory,  Cause::out_of_time,
};

/// The cause with this name; none: no cause has it.
[[nodiscard]] std::optional<Cause> read_cause(std::string_view name) noexcept;

}  // namespace qmr::detail
