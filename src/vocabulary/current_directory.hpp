#pragma once
// Paths as the user knows them. Where a home is reached by a link or an automounter, the path that a link
// leads to may not be there on the worker nodes.

#include <boost/filesystem/path.hpp>

namespace qmr::detail {

/// $PWD where that is an absolute path, without `.` and `..`, of the current directory (as pwd(1) of POSIX
/// tells it); else what getcwd(3) gives. Throws BadInput when the directory is gone.
[[nodiscard]] boost::filesystem::path current_directory();

/// As seen from there, without `.`, and without `..` but behind a link, where only the system knows what it
/// leads to.
[[nodiscard]] boost::filesystem::path absolute_path(const boost::filesystem::path& path);

}  // namespace qmr::detail
