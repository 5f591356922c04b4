#include "vocabulary/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/filesystem/operations.hpp>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "ground/host.hpp"
#include "qmr/error.hpp"
#include "vocabulary/private_files.hpp"

namespace qmr::detail {

namespace {

[[noreturn]] void fail(std::string_view what, const fs::path& path, int error) {
    throw Error(fmt::format("cannot {} {}: {}", what, path.native(), std::generic_category().message(error)));
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        reset();
        number_ = other.release();
    }
    return *this;
}

int Descriptor::release() noexcept {
    const int number = number_;
    number_ = -1;
    return number;
}

void Descriptor::reset() noexcept {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
}

Descriptor create_file(const fs::path& path, unsigned mode) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (file.get() < 0) fail("create", path, errno);
    return file;
}

void write_all(int descriptor, std::string_view content, const fs::path& path) {
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            fail("write", path, errno);
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
}

void sync_file(int descriptor, const fs::path& path) {
    if (::fsync(descriptor) != 0) fail("sync", path, errno);
}

void close_file(Descriptor file, const fs::path& path) {
    // After EINTR it is closed, too.
    if (::close(file.release()) != 0 && errno != EINTR) fail("write", path, errno);
}

void sync_directory(const fs::path& path) {
    const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0) fail("open", path, errno);
    // Some file systems can not sync a directory, and need not.
    if (::fsync(directory.get()) != 0 && errno != EINVAL && errno != ENOSYS) fail("sync", path, errno);
}

void write_file(const fs::path& path, std::string_view content, unsigned mode) {
    // Hosts that write the same file may have processes of the same number.
    const fs::path part = path.native() + fmt::format(".{:016x}.tmp", random_bits());
    const Descriptor file = create_file(part, mode);
    try {
        if (::fchmod(file.get(), mode) != 0) fail("set the mode of", part, errno);
        write_all(file.get(), content, part);
        sync_file(file.get(), part);
        if (::rename(part.c_str(), path.c_str()) != 0) fail("create", path, errno);
    } catch (...) {
        ::unlink(part.c_str());
        throw;
    }
}

std::string read_file(const fs::path& path) {
    const Descriptor file = open_private_file(path);
    if (file.get() < 0) throw Error(fmt::format("cannot open {}: {}", path.native(), why_not_opened(errno)));
    std::string content;
    std::array<char, 16384> buffer;
    while (true) {
        const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail("read", path, errno);
        if (got == 0) return content;
        content.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

std::string end_of_file(const fs::path& path, std::size_t max_size) {
    const Descriptor file = open_private_file(path);
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return {};
    const auto size = static_cast<std::size_t>(status.st_size);
    std::string content(std::min(size, max_size), '\0');
    const ssize_t got =
        ::pread(file.get(), content.data(), content.size(), static_cast<off_t>(size - content.size()));
    content.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return content;
}

Commit commit_file(const fs::path& from, const fs::path& to) {
    if (::link(from.c_str(), to.c_str()) == 0) {
        ::unlink(from.c_str());
        return Commit::done;
    }
    int error = errno;
    if (error == EEXIST) {
        // The answer to a link over NFS can get lost and the call be repeated: then the name is ours.
        struct stat ours {};
        struct stat there {};
        const bool is_ours = ::stat(from.c_str(), &ours) == 0 && ::stat(to.c_str(), &there) == 0 &&
                             ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
        ::unlink(from.c_str());
        return is_ours ? Commit::done : Commit::was_there;
    }
    if (error != EPERM && error != EOPNOTSUPP && error != ENOSYS && error != EMLINK)
        fail("commit", to, error);
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return Commit::done;
    error = errno;
    if (error == EINVAL || error == ENOSYS) {
        error = ::access(to.c_str(), F_OK) == 0 ? EEXIST : 0;
        if (error == 0 && ::rename(from.c_str(), to.c_str()) == 0) return Commit::done;
        if (error == 0) error = errno;
    }
    if (error != EEXIST) fail("commit", to, error);
    ::unlink(from.c_str());
    return Commit::was_there;
}

std::size_t size_of(const Descriptor& file) noexcept {
    struct stat status {};
    return ::fstat(file.get(), &status) == 0 ? static_cast<std::size_t>(status.st_size) : 0;
}

}  // namespace qmr::detail
