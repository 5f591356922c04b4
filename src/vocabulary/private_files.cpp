#include "vocabulary/private_files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "qmr/error.hpp"

namespace qmr::detail {

namespace {

constexpr const char* what_to_do = "remove it, and map again";

// Empty: it is of this type, and belongs to us.
std::string why_not_own(const fs::path& path, mode_t type, struct stat& status) {
    if (::lstat(path.c_str(), &status) != 0)
        return "can not be used: " + std::generic_category().message(errno);
    if ((status.st_mode & S_IFMT) != type)
        return fmt::format("is {}not a {}", S_ISLNK(status.st_mode) ? "a symbolic link, " : "",
                           type == S_IFDIR ? "directory" : "file");
    if (status.st_uid != ::geteuid())
        return fmt::format("belongs to somebody else: to user {}, while this is user {}", status.st_uid,
                           ::geteuid());
    return {};
}

void check(const fs::path& path, mode_t type) {
    struct stat status {};
    std::string why_not = why_not_own(path, type, status);
    if (why_not.empty() && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        why_not = "can be written to by others";
    if (!why_not.empty()) throw Error(fmt::format("{} {}; {}", path.native(), why_not, what_to_do));
}

}  // namespace

Descriptor open_private_file(const fs::path& path, int flags) {
    return Descriptor(::open(path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
}

std::string why_not_opened(int error) {
    if (error == ELOOP) return fmt::format("it is a symbolic link, which no file of qmr is; {}", what_to_do);
    return std::generic_category().message(error);
}

fs::path without_end(fs::path path) {
    while (path.has_parent_path() && (path.filename() == "." || path.filename() == "/"))
        path = path.parent_path();
    return path;
}

std::string why_not_own_directory(const fs::path& path) {
    struct stat status {};
    return why_not_own(path, S_IFDIR, status);
}

void check_ownership(const fs::path& directory) {
    check(directory, S_IFDIR);
}

void check_private_file(const fs::path& path) {
    check(path, S_IFREG);
}

}  // namespace qmr::detail
