#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "adapters/json_lines.hpp"
#include "qmr/error.hpp"
#include "temporary_directory.hpp"

using namespace qmr::detail;
using qmr::test::TemporaryDirectory;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

}  // namespace

TEST_CASE("an object is one line, whatever bytes its strings hold") {
    std::string bytes;
    for (int c = 0; c < 256; ++c) bytes += static_cast<char>(c);
    const std::string line = to_json_line({{"text", bytes}, {bytes, 1}});
    CHECK(line.find('\n') == std::string::npos);
    CHECK(Json::accept(line));
    CHECK_THAT(Json::parse(line).at("text").get<std::string>(), Catch::StartsWith(bytes.substr(0, 128)));
}

TEST_CASE("bytes that are not UTF-8 become the replacement character") {
    CHECK(Json::parse(to_json_line({{"a", "x\xFFy"}})).at("a") == "x\xEF\xBF\xBDy");
    CHECK(Json::parse(to_json_line({{"a", "cut \xC3"}})).at("a") == "cut \xEF\xBF\xBD");
    CHECK(Json::parse(to_json_line({{"a", "é\u2028"}})).at("a") == "é\u2028");
}

TEST_CASE("the members of an object keep their order") {
    CHECK(to_json_line({{"z", 1}, {"a", 2.5}, {"m", nullptr}}) == R"({"z":1,"a":2.5,"m":null})");
}

TEST_CASE("a timestamp is in UTC with milliseconds") {
    std::string digits_as_zeros = timestamp();
    std::ranges::replace_if(
        digits_as_zeros, [](char c) { return c >= '1' && c <= '9'; }, '0');
    CHECK(digits_as_zeros == "0000-00-00T00:00:00.000Z");
    CHECK(timestamp().starts_with("20"));
    const std::string earlier = timestamp();
    CHECK(earlier <= timestamp());
}

TEST_CASE("each line of a file of JSON lines is a whole object with its time") {
    const TemporaryDirectory directory;
    {
        JsonLines file(directory / "log");
        file.write({{"event", "first\nline"}});
        file.write({{"event", "sec\xFFnd"}}, JsonLines::Sync::yes);
    }
    JsonLines(directory / "log").write({{"event", "third"}});
    const auto lines = lines_of(read_file(directory / "log"));
    REQUIRE(lines.size() == 3);
    for (const std::string& line : lines) {
        REQUIRE(Json::accept(line));
        CHECK(Json::parse(line).begin().key() == "t");
    }
    CHECK(Json::parse(lines[0]).at("event") == "first\nline");
    CHECK(Json::parse(lines[2]).at("event") == "third");
}

TEST_CASE("a file of JSON lines can be read at once by who watches it") {
    const TemporaryDirectory directory;
    JsonLines file(directory / "log");
    file.write({{"event", 1}});
    CHECK(lines_of(read_file(directory / "log")).size() == 1);
}

TEST_CASE("two writers of one file of JSON lines do not overwrite each other") {
    const TemporaryDirectory directory;
    JsonLines one(directory / "log");
    JsonLines other(directory / "log");
    for (int i = 0; i < 50; ++i) {
        one.write({{"one", i}});
        other.write({{"other", i}});
    }
    const auto lines = lines_of(read_file(directory / "log"));
    CHECK(lines.size() == 100);
    for (const std::string& line : lines) CHECK(Json::accept(line));
}

TEST_CASE("a file of JSON lines is its owner's alone, and named when it can not be opened") {
    const TemporaryDirectory directory;
    const mode_t before = ::umask(0);
    JsonLines(directory / "log").write({{"event", 1}});
    ::umask(before);
    struct stat status {};
    REQUIRE(::stat((directory / "log").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0600);
    CHECK_THROWS_WITH(JsonLines("/nowhere/log"), "cannot open /nowhere/log: No such file or directory");
}

TEST_CASE("a torn last line is cut off when a file of JSON lines is gone on with") {
    const TemporaryDirectory directory;
    const std::string torn = GENERATE(as<std::string>{}, "{", "{\"event\":2}", std::string(10'000, 'x'));
    const std::string whole = GENERATE("", "{\"event\":0}\n{\"event\":1}\n");
    write_file(directory / "log", whole + torn);
    JsonLines(directory / "log").write({{"event", 3}});
    const std::string text = read_file(directory / "log");
    CHECK(text.starts_with(whole + "{\"t\":"));
    for (const std::string& line : lines_of(text)) CHECK(Json::accept(line));
}

TEST_CASE("the time of a line can be read back") {
    const auto before = std::chrono::system_clock::now() - std::chrono::milliseconds(1);
    const auto read = read_timestamp(timestamp());
    REQUIRE(read);
    CHECK(*read >= before);
    CHECK(*read <= std::chrono::system_clock::now());
    CHECK(read_timestamp("1970-01-02T00:00:01.500Z")->time_since_epoch() ==
          std::chrono::milliseconds(86'401'500));
    for (const char* text : {"", "x", "1970-01-02T00:00:01", "1970-01-02T00:00:01.500Z "})
        CHECK_FALSE(read_timestamp(text));
}
