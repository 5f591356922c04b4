#pragma once

#include <boost/filesystem/path.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "vocabulary/atomic_file.hpp"

namespace qmr::detail {

using Json = nlohmann::ordered_json;

/// One line of JSON, whatever bytes the strings hold: what is not UTF-8 becomes U+FFFD.
[[nodiscard]] std::string to_json_line(const Json& object);

/// The whole number, at least 0, that is called `key`. Throws nlohmann::json::exception when there is none,
/// or something else: what is negative or has a fraction would be bent to fit.
[[nodiscard]] std::uint64_t number_at(const Json& object, const char* key);

/// Seconds since 1970 in UTC, as "2026-11-20T09:33:06.123Z".
[[nodiscard]] std::string timestamp();

/// Reads such a text. None: it is none.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> read_timestamp(const std::string& text);

/// An append-only file of JSON objects, one a line. Each line is written by one call, so that a reader sees
/// whole lines, and a crash tears the last one at worst.
class JsonLines {
  public:
    enum class Sync { no, yes };

    /// Goes on with a file that is there; a last line that was torn is cut off. Throws Error when the file
    /// can not be opened.
    explicit JsonLines(const fs::path& path);

    /// Adds the time as "t" and writes the line; Sync::yes: it survives a loss of power. Throws Error.
    void write(const Json& object, Sync sync = Sync::no);

  private:
    fs::path path_;
    Descriptor file_;
};

}  // namespace qmr::detail
