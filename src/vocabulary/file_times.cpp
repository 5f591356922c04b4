#include "vocabulary/file_times.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>

namespace qmr::detail {

namespace {

using Time = std::chrono::system_clock::time_point;

Time to_time(std::int64_t seconds, std::int64_t nanoseconds) {
    return Time(std::chrono::duration_cast<Time::duration>(std::chrono::seconds(seconds) +
                                                           std::chrono::nanoseconds(nanoseconds)));
}

}  // namespace

std::optional<Time> time_of_change(const fs::path& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
    return to_time(status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

std::optional<Time> time_of_birth(const fs::path& path) {
    struct statx status {};
    if (::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_BTIME, &status) != 0 ||
        (status.stx_mask & STATX_BTIME) == 0)
        return std::nullopt;
    return to_time(status.stx_btime.tv_sec, status.stx_btime.tv_nsec);
}

}  // namespace qmr::detail
