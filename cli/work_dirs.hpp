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

/// What stands for all work_dirs in the current directory.
inline constexpr const char* all_work_dirs = "all";

/// The directories `.qmr_*` in the current directory; the map that was begun, or gone on with, last comes
/// first.
[[nodiscard]] std::vector<std::filesystem::path> work_dirs_here();

/// The argument WORK_DIR.
void add_work_dir(CLI::App& subcommand, std::string& given);

/// The one that was given, as an absolute path; or, where none was, the first of those here. When there are
/// others, which one it is gets told on stderr. Throws BadInput when there is none.
[[nodiscard]] std::filesystem::path choose_work_dir(const std::string& given);

}  // namespace qmr::cli
