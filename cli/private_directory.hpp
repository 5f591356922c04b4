#pragma once

#include <filesystem>

namespace qmr::cli {

/// Makes a directory that is its owner's alone, in one that is there. One that exists stays as it is. Throws
/// Error that names it.
void make_private_directory(const std::filesystem::path& path);

}  // namespace qmr::cli
