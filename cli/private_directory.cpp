#include "cli/private_directory.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <qmr/error.hpp>
#include <system_error>

namespace qmr::cli {

void make_private_directory(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        throw Error(fmt::format("cannot make {}: {}", path.native(), std::generic_category().message(errno)));
}

}  // namespace qmr::cli
