#include "adapters/json_lines.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string_view>
#include <system_error>

#include "qmr/error.hpp"
#include "vocabulary/private_files.hpp"

namespace qmr::detail {

namespace {

[[noreturn]] void fail(std::string_view what, const fs::path& path, int error) {
    throw Error(fmt::format("cannot {} {}: {}", what, path.native(), std::generic_category().message(error)));
}

off_t end_of_last_line(int file, off_t size, const fs::path& path) {
    std::array<char, 4096> block;
    while (size > 0) {
        const off_t begin = std::max<off_t>(0, size - static_cast<off_t>(block.size()));
        const auto count = static_cast<std::size_t>(size - begin);
        if (::pread(file, block.data(), count, begin) != static_cast<ssize_t>(count))
            fail("read", path, errno);
        const auto found = std::string_view(block.data(), count).rfind('\n');
        if (found != std::string_view::npos) return begin + static_cast<off_t>(found) + 1;
        size = begin;
    }
    return 0;
}

}  // namespace

std::string to_json_line(const Json& object) {
    return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::uint64_t number_at(const Json& object, const char* key) {
    return object.at(key).get_ref<const Json::number_unsigned_t&>();
}

std::string timestamp() {
    using namespace std::chrono;
    const auto now = system_clock::now();
    const auto milliseconds = duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
    const std::time_t time = system_clock::to_time_t(now);
    std::tm utc{};
    ::gmtime_r(&time, &utc);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                       utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, milliseconds);
}

std::optional<std::chrono::system_clock::time_point> read_timestamp(const std::string& text) {
    std::tm utc{};
    int milliseconds = 0;
    int size = 0;
    if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &utc.tm_year, &utc.tm_mon, &utc.tm_mday,
                    &utc.tm_hour, &utc.tm_min, &utc.tm_sec, &milliseconds, &size) != 7 ||
        static_cast<std::size_t>(size) != text.size() || utc.tm_year < 1970 || utc.tm_year > 2200)
        return std::nullopt;
    utc.tm_year -= 1900;
    utc.tm_mon -= 1;
    return std::chrono::system_clock::from_time_t(::timegm(&utc)) + std::chrono::milliseconds(milliseconds);
}

JsonLines::JsonLines(const fs::path& path)
    : path_(path), file_(open_private_file(path, O_RDWR | O_CREAT | O_APPEND)) {
    if (file_.get() < 0) throw Error(fmt::format("cannot open {}: {}", path.native(), why_not_opened(errno)));
    struct stat status {};
    if (::fstat(file_.get(), &status) != 0) fail("look at", path, errno);
    const off_t end = end_of_last_line(file_.get(), status.st_size, path);
    if (end < status.st_size && ::ftruncate(file_.get(), end) != 0) fail("cut the torn end of", path, errno);
}

void JsonLines::write(const Json& object, Sync sync) {
    Json line{{"t", timestamp()}};
    line.update(object);
    write_all(file_.get(), to_json_line(line) + "\n", path_);
    if (sync == Sync::yes) sync_file(file_.get(), path_);
}

}  // namespace qmr::detail
