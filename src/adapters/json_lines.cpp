#include "adapters/json_lines.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <ctime>

#include "qmr/error.hpp"
#include "vocabulary/private_files.hpp"

namespace qmr::detail {

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

JsonLines::JsonLines(const fs::path& path)
    : path_(path), file_(open_private_file(path, O_WRONLY | O_CREAT | O_APPEND)) {
    if (file_.get() < 0) throw Error(fmt::format("cannot open {}: {}", path.native(), why_not_opened(errno)));
}

void JsonLines::write(const Json& object, Sync sync) {
    Json line{{"t", timestamp()}};
    line.update(object);
    write_all(file_.get(), to_json_line(line) + "\n", path_);
    if (sync == Sync::yes) sync_file(file_.get(), path_);
}

}  // namespace qmr::detail
