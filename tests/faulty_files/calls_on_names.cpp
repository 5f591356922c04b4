// The functions of libc that make and remove names, as system calls that may fail.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>

#include "faulty_files/faults.hpp"
#include "faulty_files/nfs_names.hpp"
#include "faulty_files/places.hpp"

using namespace qmr::faulty_files;

namespace {

int open_file(int directory, const char* name, int flags, mode_t mode) {
    const Place place(directory, name);
    const bool may_make = (flags & O_CREAT) != 0;
    if (place.is_faulty()) {
        if (fails(Call::open)) return -1;
        if (!may_make && !is_only_listing_late() && is_late(place)) {
            errno = ENOENT;
            return -1;
        }
    }
    const auto file = static_cast<int>(::syscall(SYS_openat, directory, name, flags, mode));
    if (place.is_faulty() && may_make && file >= 0) made(place);
    return file;
}

// A call that makes a name.
template <class Run>
int make_name(Call call, int directory, const char* name, Run run) {
    const Place place(directory, name);
    if (place.is_faulty() && fails(call)) return -1;
    const auto result = static_cast<int>(run());
    if (place.is_faulty() && result == 0) made(place);
    return result;
}

}  // namespace

extern "C" {

int openat(int directory, const char* name, int flags, ...) {
    mode_t mode = 0;
    if ((flags & (O_CREAT | __O_TMPFILE)) != 0) {
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
    }
    return open_file(directory, name, flags, mode);
}

int openat64(int directory, const char* name, int flags, ...) {
    mode_t mode = 0;
    if ((flags & (O_CREAT | __O_TMPFILE)) != 0) {
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
    }
    return open_file(directory, name, flags, mode);
}

int open(const char* name, int flags, ...) {
    mode_t mode = 0;
    if ((flags & (O_CREAT | __O_TMPFILE)) != 0) {
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
    }
    return open_file(AT_FDCWD, name, flags, mode);
}

int open64(const char* name, int flags, ...) {
    mode_t mode = 0;
    if ((flags & (O_CREAT | __O_TMPFILE)) != 0) {
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
    }
    return open_file(AT_FDCWD, name, flags, mode);
}

int creat(const char* name, mode_t mode) {
    return open_file(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int linkat(int from_directory, const char* from, int directory, const char* name, int flags) noexcept {
    return make_name(Call::link, directory, name,
                     [&] { return ::syscall(SYS_linkat, from_directory, from, directory, name, flags); });
}

int link(const char* from, const char* name) noexcept {
    return linkat(AT_FDCWD, from, AT_FDCWD, name, 0);
}

int symlinkat(const char* target, int directory, const char* name) noexcept {
    return make_name(Call::symlink, directory, name,
                     [&] { return ::syscall(SYS_symlinkat, target, directory, name); });
}

int symlink(const char* target, const char* name) noexcept {
    return symlinkat(target, AT_FDCWD, name);
}

int renameat2(int from_directory, const char* from, int directory, const char* name,
              unsigned flags) noexcept {
    return make_name(Call::rename, directory, name,
                     [&] { return ::syscall(SYS_renameat2, from_directory, from, directory, name, flags); });
}

int renameat(int from_directory, const char* from, int directory, const char* name) noexcept {
    return renameat2(from_directory, from, directory, name, 0);
}

int rename(const char* from, const char* name) noexcept {
    return renameat2(AT_FDCWD, from, AT_FDCWD, name, 0);
}

int mkdirat(int directory, const char* name, mode_t mode) noexcept {
    return make_name(Call::mkdir, directory, name,
                     [&] { return ::syscall(SYS_mkdirat, directory, name, mode); });
}

int mkdir(const char* name, mode_t mode) noexcept {
    return mkdirat(AT_FDCWD, name, mode);
}

int unlinkat(int directory, const char* name, int flags) noexcept {
    const Place place(directory, name);
    const bool is_directory = (flags & AT_REMOVEDIR) != 0;
    if (place.is_faulty()) {
        if (fails(is_directory ? Call::rmdir : Call::unlink)) return -1;
        if (has_nfs_unlink() && !is_directory) return remove_slowly(place);
    }
    return static_cast<int>(::syscall(SYS_unlinkat, directory, name, flags));
}

int unlink(const char* name) noexcept {
    return unlinkat(AT_FDCWD, name, 0);
}

int rmdir(const char* name) noexcept {
    return unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}

int chmod(const char* name, mode_t mode) noexcept {
    if (Place(AT_FDCWD, name).is_faulty() && fails(Call::chmod)) return -1;
    return static_cast<int>(::syscall(SYS_fchmodat, AT_FDCWD, name, mode));
}

int execve(const char* program, char* const* arguments, char* const* environment) noexcept {
    if (Place(AT_FDCWD, program).is_faulty() && fails(Call::exec)) return -1;
    return static_cast<int>(::syscall(SYS_execve, program, arguments, environment));
}

}  // extern "C"
