#pragma once
// Which work_dir a subcommand is about.

#include <filesystem>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace qmr::cli {

/// What the names of work_dirs begin with that nobody named.
inline constexpr const char* work_dir_begin = ".qmr_";

/// What stands for all work_dirs here.
inline constexpr const char* all_work_dirs = "all";

/// The directories `.qmr_*` in a directory, with its path; the map that was begun, or gone on with, last
/// comes first. Throws BadInput when it can not be read.
[[nodiscard]] std::vector<std::filesystem::path> work_dirs_in(const std::filesystem::path& directory);

/// Those in $QMR_WORK_ROOT, or where that is not set, in the current directory, without its path.
[[nodiscard]] std::vector<std::filesystem::path> work_dirs_here();

/// Whether a directory is no work_dir, but holds some.
[[nodiscard]] bool is_work_root(const std::filesystem::path& directory);

/// The argument WORK_DIR.
void add_work_dir(CLI::App& subcommand, std::string& given);

/// The one that was given, as an absolute path; the first of those in a directory that was given; or, where
/// nothing was, the first of those here. When there are others, which one it is gets told on stderr. Throws
/// BadInput when there is none.
[[nodiscard]] std::filesystem::path choose_work_dir(const std::string& given);

}  // namespace qmr::cli
