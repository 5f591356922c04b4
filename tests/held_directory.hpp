#pragma once
// Directories of tests, and what is left of them when a test program is killed. A lock (flock) on the
// directory tells: a process that made one holds it as long as it lives. So do copies of the process that it
// forks, for they work in the directory, too; programs that are started do not.

#include <fcntl.h>
#include <mntent.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <ranges>
#include <string>
#include <system_error>
#include <vector>

namespace qmr::test {

inline int open_directory(const std::string& path) {
    return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/// Whether the path still leads to what is open.
inline bool is_still_at(const std::string& path, int file) {
    struct stat opened {};
    struct stat named {};
    return ::fstat(file, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/// A new directory NAME.xxxxxx, open and locked. Between its making and the lock the next test program may
/// have taken it for one without a holder; it is empty then, and another one is made. Where a file system has
/// no locks, nobody gets one there, and nothing is removed.
struct HeldDirectory {
    HeldDirectory(const std::string& parent, const std::string& name) {
        do {
            if (file >= 0) ::close(file);
            path = parent + '/' + name + ".XXXXXX";
            if (::mkdtemp(path.data()) == nullptr)
                throw std::system_error(errno, std::generic_category(), path);
            file = open_directory(path);
            if (file < 0 && errno != ENOENT) throw std::system_error(errno, std::generic_category(), path);
            while (file >= 0 && ::flock(file, LOCK_EX) != 0 && errno == EINTR) {
            }
        } while (file < 0 || !is_still_at(path, file));
    }
    ~HeldDirectory() { ::close(file); }
    HeldDirectory(const HeldDirectory&) = delete;
    HeldDirectory& operator=(const HeldDirectory&) = delete;

    std::string path;
    int file = -1;
};

/// Unmounts what is mounted below a directory; false when this user may not.
inline bool unmount_below(const std::string& path) {
    std::vector<std::string> mounted;
    FILE* mounts = ::setmntent("/proc/self/mounts", "r");
    if (mounts == nullptr) return false;
    while (const mntent* entry = ::getmntent(mounts))
        if (std::string(entry->mnt_dir).starts_with(path + '/')) mounted.emplace_back(entry->mnt_dir);
    ::endmntent(mounts);
    // The last one first, for it may be mounted in another.
    for (const std::string& directory : mounted | std::views::reverse)
        if (::umount2(directory.c_str(), MNT_DETACH) != 0) return false;
    return true;
}

/// Removes a directory with all that is in it, also what a test has closed to its own user.
inline void remove_whole(const std::filesystem::path& directory) {
    std::error_code ignored;  // the next test program tries it again
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, ignored);
    for (const auto& entry : std::filesystem::directory_iterator(directory, ignored))
        if (entry.symlink_status(ignored).type() == std::filesystem::file_type::directory)
            remove_whole(entry.path());
    std::filesystem::remove_all(directory, ignored);
}

/// Removes the directories NAME.xxxxxx of this user that no process holds. One that something is mounted on
/// shows another lock than its own, and is left alone.
inline void remove_abandoned_directories(const std::string& parent, const std::string& name) {
    struct stat of_parent {};
    std::error_code error;
    const std::string real_parent = std::filesystem::canonical(parent, error).native();
    if (error || ::stat(real_parent.c_str(), &of_parent) != 0) return;
    for (const auto& entry : std::filesystem::directory_iterator(real_parent, error)) {
        const std::string path = entry.path().native();
        const std::string found = entry.path().filename().native();
        if (!found.starts_with(name + '.') || found.size() != name.size() + 7) continue;
        const int file = open_directory(path);
        struct stat opened {};
        if (file >= 0 && ::fstat(file, &opened) == 0 && opened.st_uid == ::geteuid() &&
            opened.st_dev == of_parent.st_dev && ::flock(file, LOCK_EX | LOCK_NB) == 0 &&
            is_still_at(path, file) && unmount_below(path))
            remove_whole(path);
        if (file >= 0) ::close(file);
    }
}

}  // namespace qmr::test
