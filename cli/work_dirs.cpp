#include "cli/work_dirs.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <qmr/error.hpp>
#include <qmr/options.hpp>
#include <system_error>
#include <utility>

#include "cli/standard_streams.hpp"
#include "vocabulary/current_directory.hpp"

namespace qmr::cli {

namespace {

namespace fs = std::filesystem;

// The manifest is written when a map begins, and again by whoever goes on with it.
fs::file_time_type time_of_begin(const fs::path& work_dir) {
    std::error_code error;
    auto time = fs::last_write_time(work_dir / "manifest.json", error);
    if (error) time = fs::last_write_time(work_dir, error);
    return error ? fs::file_time_type::min() : time;
}

}  // namespace

std::vector<fs::path> work_dirs_in(const fs::path& directory) {
    std::vector<std::pair<fs::file_time_type, fs::path>> found;
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code ignored;
        if (entry->path().filename().native().starts_with(work_dir_begin) &&
            entry->symlink_status(ignored).type() == fs::file_type::directory)
            found.emplace_back(time_of_begin(entry->path()), entry->path());
    }
    if (error) throw BadInput(fmt::format("{} can not be read: {}", directory.native(), error.message()));
    std::ranges::sort(found, std::greater<>());
    std::vector<fs::path> paths;
    for (auto& [time, path] : found) paths.push_back(std::move(path));
    return paths;
}

std::vector<fs::path> work_dirs_here() {
    if (const fs::path root = PoolOptions().work_root; !root.empty())
        return fs::exists(root) ? work_dirs_in(root) : std::vector<fs::path>();
    auto here = work_dirs_in(".");
    for (fs::path& path : here) path = path.filename();
    return here;
}

bool is_work_root(const fs::path& directory) {
    std::error_code ignored;
    return fs::is_directory(directory, ignored) && !fs::exists(directory / "manifest.json", ignored) &&
           !work_dirs_in(directory).empty();
}

void add_work_dir(CLI::App& subcommand, std::string& given) {
    subcommand.add_option(
        "WORK_DIR", given,
        "The work_dir of the map, or a directory with some; the newest .qmr_* in there, or in the "
        "current directory or $QMR_WORK_ROOT, if none is given");
}

fs::path choose_work_dir(const std::string& given) {
    const bool is_given = !given.empty();
    if (is_given && !is_work_root(given)) return detail::absolute_path(given).native();
    const std::vector<fs::path> here = is_given ? work_dirs_in(given) : work_dirs_here();
    if (here.empty()) {
        const fs::path root = PoolOptions().work_root;
        throw BadInput(
            fmt::format("there is no work_dir (.qmr_*) in {}; name one, or go to where the map was begun",
                        root.empty() ? "the current directory" : root.native()));
    }
    if (here.size() > 1)
        tell("qmr: {} is the newest of {} work_dirs {}\n", here.front().native(), here.size(),
             is_given ? "there" : "here");
    return detail::absolute_path(here.front().native()).native();
}

}  // namespace qmr::cli
