#include "vocabulary/current_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <cstdlib>

#include "qmr/error.hpp"

namespace qmr::detail {

namespace fs = boost::filesystem;

namespace {

bool is_current(const fs::path& path) {
    boost::system::error_code error;
    const bool is_plain = path.is_absolute() && std::ranges::none_of(path, [](const fs::path& part) {
                              return part == "." || part == "..";
                          });
    return is_plain && fs::equivalent(path, ".", error) && !error;
}

}  // namespace

fs::path current_directory() {
    if (const char* told = std::getenv("PWD"); told != nullptr && is_current(told)) return told;
    boost::system::error_code error;
    fs::path path = fs::current_path(error);
    if (error)
        throw BadInput(fmt::format(
            "the current directory can not be used, perhaps it was removed: {}; start the program in "
            "one that is there",
            error.message()));
    return path;
}

fs::path absolute_path(const fs::path& path) {
    const fs::path whole = path.is_absolute() ? path : current_directory() / path;
    fs::path normal;
    for (const fs::path& part : whole) {
        boost::system::error_code ignored;
        const bool leads_back = part == ".." && normal.filename() != ".." && !fs::is_symlink(normal, ignored);
        if (part == "." || part.empty()) continue;
        if (leads_back)
            normal = normal.parent_path().empty() ? normal : normal.parent_path();
        else
            normal /= part;
    }
    return normal;
}

}  // namespace qmr::detail
