#include "cli/work_dirs.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <qmr/error.hpp>
#include <system_error>
#include <utility>

#include "cli/standard_streams.hpp"

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

std::vector<fs::path> work_dirs_here() {
    std::vector<std::pair<fs::file_time_type, fs::path>> found;
    std::error_code error;
    for (fs::directory_iterator entry(".", error), end; !error && entry != end; entry.increment(error)) {
        std::error_code ignored;
        const fs::path name = entry->path().filename();
        if (name.native().starts_with(work_dir_begin) &&
            entry->symlink_status(ignored).type() == fs::file_type::directory)
            found.emplace_back(time_of_begin(name), name);
    }
    if (error) throw BadInput("the current directory can not be read: " + error.message());
    std::ranges::sort(found, std::greater<>());
    std::vector<fs::path> names;
    for (auto& [time, name] : found) names.push_back(std::move(name));
    return names;
}

void add_work_dir(CLI::App& subcommand, std::string& given) {
    subcommand.add_option("WORK_DIR", given,
                          "The work_dir of the map; not given: the newest .qmr_* in the current directory");
}

fs::path choose_work_dir(const std::string& given) {
    if (!given.empty()) return fs::absolute(given).lexically_normal();
    const std::vector<fs::path> here = work_dirs_here();
    if (here.empty())
        throw BadInput(
            "there is no work_dir (.qmr_*) in the current directory; name one, or go to where the map was "
            "begun");
    if (here.size() > 1)
        tell("qmr: {} is the newest of {} work_dirs here\n", here.front().native(), here.size());
    return fs::absolute(here.front());
}

}  // namespace qmr::cli
