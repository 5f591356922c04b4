#pragma once

#include <boost/filesystem/path.hpp>

namespace qmr::detail {

/// Throws BadInput when it is gone.
[[nodiscard]] boost::filesystem::path current_directory();

/// As seen from there.
[[nodiscard]] boost::filesystem::path absolute_path(const boost::filesystem::path& path);

}  // namespace qmr::detail
