#include "vocabulary/private_files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "adapters/json_lines.hpp"
#include "qmr/detail/record_file.hpp"
#include "qmr/error.hpp"
#include "temporary_directory.hpp"

using namespace qmr::detail;
using qmr::test::TemporaryDirectory;

namespace {

constexpr uid_t somebody_else = 65534;

/// A file, and a symbolic link to it.
struct Link {
    Link() {
        write_file(directory / "file", "precious");
        REQUIRE(::symlink("file", path.c_str()) == 0);
    }
    TemporaryDirectory directory;
    fs::path path = directory / "link";
};

// False, with a warning, where this user may not do that.
bool give_away(const fs::path& path) {
    if (::chown(path.c_str(), somebody_else, somebody_else) == 0) return true;
    WARN("only root can give files away, so this is not tested here");
    return false;
}

}  // namespace

TEST_CASE("a symbolic link in the place of a file is not followed, and is named") {
    const Link link;
    const auto names_it =
        Catch::Contains(link.path.native() + ": it is a symbolic link, which no file of qmr is");
    CHECK_THROWS_WITH(read_file(link.path), names_it);
    CHECK_THROWS_WITH(JsonLines(link.path), names_it);
    CHECK_THROWS_WITH(RecordReader(link.path.native(), FileHeader{}), names_it);
    CHECK_THROWS_AS(create_file(link.path), qmr::Error);
    CHECK(end_of_file(link.path, 100).empty());
    CHECK(read_file(link.directory / "file") == "precious");
}

TEST_CASE("a small file takes the place of a symbolic link, and leaves alone what it led to") {
    const Link link;
    write_file(link.path, "new");
    CHECK(read_file(link.path) == "new");
    CHECK(read_file(link.directory / "file") == "precious");
}

TEST_CASE("a directory and a file of our own are fine, also below a symbolic link") {
    const TemporaryDirectory directory;
    REQUIRE(::mkdir((directory / "d").c_str(), 0700) == 0);
    REQUIRE(::symlink("d", (directory / "link").c_str()) == 0);
    REQUIRE(::mkdir((directory / "link" / "below").c_str(), 0700) == 0);
    write_file(directory / "link" / "file", "");
    CHECK_NOTHROW(check_ownership(directory / "link" / "below"));
    CHECK_NOTHROW(check_private_file(directory / "link" / "file"));
}

TEST_CASE("a directory or file that is none, or a symbolic link to one, is refused by name") {
    const Link link;
    REQUIRE(::symlink(link.directory.path().c_str(), (link.directory / "d").c_str()) == 0);
    CHECK_THROWS_WITH(check_ownership(link.directory / "d"),
                      Catch::Contains("/d is a symbolic link, not a directory"));
    CHECK_THROWS_WITH(check_ownership(link.directory / "file"), Catch::Contains("/file is not a directory"));
    CHECK_THROWS_WITH(check_private_file(link.path), Catch::Contains("/link is a symbolic link, not a file"));
    CHECK_THROWS_WITH(check_private_file(link.directory.path()), Catch::Contains("is not a file"));
    CHECK_THROWS_WITH(check_ownership("/nowhere/d"), Catch::Contains("/nowhere/d can not be used: No such"));
}

TEST_CASE("a directory or file that others can write to is refused by name") {
    const TemporaryDirectory directory;
    const mode_t mode = GENERATE(0720U, 0702U);
    write_file(directory / "file", "");
    REQUIRE(::chmod((directory / "file").c_str(), mode) == 0);
    REQUIRE(::chmod(directory.path().c_str(), mode) == 0);
    CHECK_THROWS_WITH(check_ownership(directory.path()),
                      Catch::StartsWith(directory.path().native() + " can be written to by others"));
    CHECK_THROWS_WITH(check_private_file(directory / "file"), Catch::Contains("can be written to by others"));
}

TEST_CASE("a directory or file of somebody else is refused by name") {
    const TemporaryDirectory directory;
    write_file(directory / "file", "");
    if (!give_away(directory / "file") || !give_away(directory.path())) return;
    CHECK_THROWS_WITH(check_ownership(directory.path()),
                      Catch::Contains("belongs to somebody else: to user 65534"));
    CHECK_THROWS_WITH(check_private_file(directory / "file"),
                      Catch::Contains("/file belongs to somebody else: to user 65534"));
}
