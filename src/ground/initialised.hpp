#pragma once

namespace qmr::detail {

/// Whether qmr::init() was called in this process. Without it this executable can not be started as a worker,
/// and a map would start itself again and again.
[[nodiscard]] bool is_initialised() noexcept;
void set_initialised() noexcept;

}  // namespace qmr::detail
