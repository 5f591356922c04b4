#pragma once
// Which calls of libc fail, and how: from the environment of the process, with counters that all processes
// share, so that "the 17th call" is one call of all of them.
//
//   QMR_TEST_FAULTY_DIRECTORY  only calls for files in this directory count and fail; absolute
//   QMR_TEST_FAULT_COUNTERS    a file of sizeof(Counters) zeros
//   QMR_TEST_FILE_FAULTS       faults, with blanks between them:
//     ENOSPC@pwrite#17         the 17th pwrite() fails; #17+: each from there on; #17x3: three
//     short@pwrite#5           half is written or read, and that is told
//     torn@pwrite#5            the same, and the next call fails with EIO
//     late=0.3                 names that other processes made are seen 0.3 s after
//     late_listing=0.3         the same, but only listings of directories do not show them
//     nfs_unlink               a file that is removed stays for a moment, as `.nfs...`

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace qmr::faulty_files {

/// What fails. Each stands for all functions of libc that do the same: `stat` for lstat() and fstat64(), too.
enum class Call {
    open,
    close,
    read,
    pread,
    write,
    pwrite,
    fsync,
    ftruncate,
    link,
    symlink,
    readlink,
    rename,
    unlink,
    mkdir,
    rmdir,
    opendir,
    readdir,
    stat,
    access,
    chmod,
    exec,
};

inline constexpr std::array<std::string_view, 21> call_names{
    "open",      "close",   "read",    "pread",    "write",  "pwrite", "fsync",
    "ftruncate", "link",    "symlink", "readlink", "rename", "unlink", "mkdir",
    "rmdir",     "opendir", "readdir", "stat",     "access", "chmod",  "exec"};

/// What is in the file of counters.
struct Counters {
    std::array<std::atomic<std::uint64_t>, call_names.size()> num_calls{};
    std::atomic<std::uint64_t> num_strikes{0};  ///< calls that failed, or did half
    std::atomic<std::uint64_t> num_removed{0};  ///< files that went to `.nfs...`
};

/// What becomes of a call.
struct Fate {
    int error = 0;         ///< errno; 0: it does not fail
    bool is_half = false;  ///< it transfers half
};

/// Counts a call, and tells what becomes of it.
[[nodiscard]] Fate next_fate(Call call);

/// Counts a call. True: it fails, and errno is set.
[[nodiscard]] bool fails(Call call);

[[nodiscard]] Counters& counters();

/// The directory whose files are faulty; empty: none is.
[[nodiscard]] std::string_view faulty_directory();

/// Seconds after which a name that another process made is seen; 0: at once.
[[nodiscard]] double lateness();

/// Whether who looks for a name itself sees it at once, however late it is in a listing.
[[nodiscard]] bool is_only_listing_late();

/// Whether a file that is removed stays for a moment.
[[nodiscard]] bool has_nfs_unlink();

}  // namespace qmr::faulty_files
