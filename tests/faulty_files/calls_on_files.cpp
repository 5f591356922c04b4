// The functions of libc that take an open file, as system calls that may fail.

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "faulty_files/faults.hpp"
#include "faulty_files/places.hpp"

using namespace qmr::faulty_files;

namespace {

bool fails_on(int descriptor, Call call) {
    return Place(descriptor).is_faulty() && fails(call);
}

// Half of the bytes, but for a single one.
template <class Transfer>
ssize_t transfer(int descriptor, Call call, std::size_t size, Transfer run) {
    if (!Place(descriptor).is_faulty()) return static_cast<ssize_t>(run(size));
    const Fate fate = next_fate(call);
    if (fate.error != 0) {
        errno = fate.error;
        return -1;
    }
    return static_cast<ssize_t>(run(fate.is_half ? (size + 1) / 2 : size));
}

}  // namespace

extern "C" {

ssize_t read(int descriptor, void* data, std::size_t size) {
    return transfer(descriptor, Call::read, size,
                    [&](std::size_t count) { return ::syscall(SYS_read, descriptor, data, count); });
}

ssize_t write(int descriptor, const void* data, std::size_t size) {
    return transfer(descriptor, Call::write, size,
                    [&](std::size_t count) { return ::syscall(SYS_write, descriptor, data, count); });
}

ssize_t pread(int descriptor, void* data, std::size_t size, off_t offset) {
    return transfer(descriptor, Call::pread, size, [&](std::size_t count) {
        return ::syscall(SYS_pread64, descriptor, data, count, offset);
    });
}

ssize_t pread64(int descriptor, void* data, std::size_t size, off64_t offset) {
    return pread(descriptor, data, size, offset);
}

ssize_t pwrite(int descriptor, const void* data, std::size_t size, off_t offset) {
    return transfer(descriptor, Call::pwrite, size, [&](std::size_t count) {
        return ::syscall(SYS_pwrite64, descriptor, data, count, offset);
    });
}

ssize_t pwrite64(int descriptor, const void* data, std::size_t size, off64_t offset) {
    return pwrite(descriptor, data, size, offset);
}

int fsync(int descriptor) {
    if (fails_on(descriptor, Call::fsync)) return -1;
    return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

int fdatasync(int descriptor) {
    if (fails_on(descriptor, Call::fsync)) return -1;
    return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

int ftruncate(int descriptor, off_t size) noexcept {
    if (fails_on(descriptor, Call::ftruncate)) return -1;
    return static_cast<int>(::syscall(SYS_ftruncate, descriptor, size));
}

int ftruncate64(int descriptor, off64_t size) noexcept {
    return ftruncate(descriptor, size);
}

// The file is closed in any case, as the kernel does it.
int close(int descriptor) {
    const bool is_bad = fails_on(descriptor, Call::close);
    const int error = errno;
    const auto result = static_cast<int>(::syscall(SYS_close, descriptor));
    if (!is_bad) return result;
    errno = error;
    return -1;
}

int fstat(int descriptor, struct stat* status) noexcept {
    if (fails_on(descriptor, Call::stat)) return -1;
    return static_cast<int>(::syscall(SYS_fstat, descriptor, status));
}

int fstat64(int descriptor, struct stat64* status) noexcept {
    return fstat(descriptor, reinterpret_cast<struct stat*>(status));
}

int fchmod(int descriptor, mode_t mode) noexcept {
    if (fails_on(descriptor, Call::chmod)) return -1;
    return static_cast<int>(::syscall(SYS_fchmod, descriptor, mode));
}

}  // extern "C"
