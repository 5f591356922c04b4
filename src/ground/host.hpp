#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace qmr::detail {

/// Name of this host (gethostname(2)).
[[nodiscard]] std::string host_name();

/// What no other machine has, as long as this one is not started again, and no other container with process
/// numbers of its own. Empty: not known.
[[nodiscard]] std::string machine_id();

/// When a process of this machine began, in a unit of the kernel's (proc(5), starttime): with its number,
/// what no other process of this machine has. None: there is no such process.
[[nodiscard]] std::optional<std::uint64_t> begin_of_process(long pid);

/// Name of the user who runs this process; the number where there is no name.
[[nodiscard]] std::string user_name();

/// Bits that nobody can guess.
[[nodiscard]] std::uint64_t random_bits();

}  // namespace qmr::detail
