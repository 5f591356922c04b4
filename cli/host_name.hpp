#pragma once

#include <string>

namespace qmr::cli {

/// Of this machine; "unknown" when it can not be told.
[[nodiscard]] std::string host_name();

}  // namespace qmr::cli
