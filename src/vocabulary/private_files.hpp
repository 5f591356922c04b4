#pragma once
// What keeps a work_dir and its files their owner's: nothing in it is a symbolic link but claims, and nothing
// is somebody else's. That a directory above it is a symbolic link is fine.

#include <fcntl.h>

#include <boost/filesystem/path.hpp>
#include <string>

#include "vocabulary/atomic_file.hpp"

namespace qmr::detail {

/// open(2) of a file of a work_dir; what it makes is its owner's alone. A symbolic link is not followed. When
/// it can not be opened, the number is -1 and errno tells why, which why_not_opened() has in words.
[[nodiscard]] Descriptor open_private_file(const fs::path& path, int flags = O_RDONLY);

/// "it is a symbolic link, ..." or what the system says.
[[nodiscard]] std::string why_not_opened(int error);

/// Without a slash or a dot at its end, which would make a symbolic link the directory that it leads to.
[[nodiscard]] fs::path without_end(fs::path path);

/// Why this is no directory of the user who runs this process: it is a symbolic link, no directory, somebody
/// else's, or not there. Empty: it is.
[[nodiscard]] std::string why_not_own_directory(const fs::path& path);

/// Throws Error that names the directory unless it is one of the user who runs this process, no symbolic
/// link, and nobody else can write to it.
void check_ownership(const fs::path& directory);

/// The same for a file. Before a file is handed to a program that follows links.
void check_private_file(const fs::path& path);

}  // namespace qmr::detail
