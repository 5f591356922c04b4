#pragma once

#include <cstdint>
#include <string>

namespace qmr::detail {

/// Name of this host (gethostname(2)).
[[nodiscard]] std::string host_name();

/// Name of the user who runs this process; the number where there is no name.
[[nodiscard]] std::string user_name();

/// Bits that nobody can guess.
[[nodiscard]] std::uint64_t random_bits();

}  // namespace qmr::detail
