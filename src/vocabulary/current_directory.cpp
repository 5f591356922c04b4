#include "vocabulary/current_directory.hpp"

#include <fmt/format.h>

#include <boost/filesystem/operations.hpp>

#include "qmr/error.hpp"

namespace qmr::detail {

namespace fs = boost::filesystem;

fs::path current_directory() {
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
    return path.is_absolute() ? path : current_directory() / path;
}

}  // namespace qmr::detail
