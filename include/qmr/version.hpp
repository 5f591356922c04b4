#pragma once

/// The version of this library, as in `find_package(qmr 0.1)`.
#define QMR_VERSION_MAJOR 0
#define QMR_VERSION_MINOR 1
#define QMR_VERSION_PATCH 0

namespace qmr {

/// The same as text, "MAJOR.MINOR.PATCH".
inline constexpr const char* version = "0.1.0";

}  // namespace qmr
