// The functions of libc that look at names and directories, which may fail, or not see yet what is there.

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "faulty_files/faults.hpp"
#include "faulty_files/nfs_names.hpp"
#include "faulty_files/places.hpp"

using namespace qmr::faulty_files;

namespace {

// Whether a look at a name ends here, with errno.
bool is_not_seen(Call call, int directory, const char* name) {
    const Place place(directory, name);
    if (!place.is_faulty()) return false;
    if (fails(call)) return true;
    if (is_only_listing_late() || !is_late(place)) return false;
    errno = ENOENT;
    return true;
}

template <class Entry>
Entry* next_entry(DIR* listing, Entry* (*next)(DIR*)) {
    const Place directory(::dirfd(listing));
    if (directory.is_faulty() && fails(Call::readdir)) return nullptr;
    while (Entry* entry = next(listing)) {
        if (!directory.is_faulty() || !is_late(Place(::dirfd(listing), entry->d_name))) return entry;
    }
    return nullptr;
}

}  // namespace

extern "C" {

int fstatat(int directory, const char* name, struct stat* status, int flags) noexcept {
    const bool is_of_descriptor = (flags & AT_EMPTY_PATH) != 0 && *name == '\0';
    if (is_of_descriptor) return fstat(directory, status);
    if (is_not_seen(Call::stat, directory, name)) return -1;
    return static_cast<int>(::syscall(SYS_newfstatat, directory, name, status, flags));
}

int fstatat64(int directory, const char* name, struct stat64* status, int flags) noexcept {
    return fstatat(directory, name, reinterpret_cast<struct stat*>(status), flags);
}

int stat(const char* name, struct stat* status) noexcept {
    return fstatat(AT_FDCWD, name, status, 0);
}

int stat64(const char* name, struct stat64* status) noexcept {
    return fstatat64(AT_FDCWD, name, status, 0);
}

int lstat(const char* name, struct stat* status) noexcept {
    return fstatat(AT_FDCWD, name, status, AT_SYMLINK_NOFOLLOW);
}

int lstat64(const char* name, struct stat64* status) noexcept {
    return fstatat64(AT_FDCWD, name, status, AT_SYMLINK_NOFOLLOW);
}

int access(const char* name, int mode) noexcept {
    if (is_not_seen(Call::access, AT_FDCWD, name)) return -1;
    return static_cast<int>(::syscall(SYS_faccessat, AT_FDCWD, name, mode));
}

ssize_t readlink(const char* name, char* target, std::size_t size) noexcept {
    if (is_not_seen(Call::readlink, AT_FDCWD, name)) return -1;
    return static_cast<ssize_t>(::syscall(SYS_readlinkat, AT_FDCWD, name, target, size));
}

DIR* opendir(const char* name) {
    static const auto next = reinterpret_cast<decltype(&::opendir)>(::dlsym(RTLD_NEXT, "opendir"));
    const Place place(AT_FDCWD, name);
    if (place.is_faulty()) {
        if (fails(Call::opendir)) return nullptr;
        if (has_nfs_unlink()) remove_what_stayed(place);
    }
    return next(name);
}

dirent* readdir(DIR* listing) {
    static const auto next = reinterpret_cast<decltype(&::readdir)>(::dlsym(RTLD_NEXT, "readdir"));
    return next_entry(listing, next);
}

dirent64* readdir64(DIR* listing) {
    static const auto next = reinterpret_cast<decltype(&::readdir64)>(::dlsym(RTLD_NEXT, "readdir64"));
    return next_entry(listing, next);
}

}  // extern "C"
