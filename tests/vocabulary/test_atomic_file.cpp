#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <string>

#include "qmr/error.hpp"
#include "temporary_directory.hpp"
#include "vocabulary/atomic_file.hpp"

using namespace qmr::detail;
using qmr::Error;
using qmr::test::TemporaryDirectory;

namespace {

class Umask {
  public:
    explicit Umask(mode_t mask) : before_(::umask(mask)) {}
    ~Umask() { ::umask(before_); }
    Umask(const Umask&) = delete;
    Umask& operator=(const Umask&) = delete;

  private:
    mode_t before_;
};

unsigned mode_of(const fs::path& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("a small file is read as it was written") {
    const TemporaryDirectory directory;
    const auto content =
        GENERATE(std::string(), std::string("a\nb"), std::string("\0\xFF\r\n", 4), std::string(100'000, 'x'));
    write_file(directory / "f", content);
    CHECK(read_file(directory / "f") == content);
}

TEST_CASE("writing a small file replaces the one that was there and leaves nothing else") {
    const TemporaryDirectory directory;
    write_file(directory / "f", "first");
    write_file(directory / "f", "2");
    CHECK(read_file(directory / "f") == "2");
    CHECK(directory.num_entries() == 1);
}

TEST_CASE("a small file that is replaced stays whole for who has it open") {
    const TemporaryDirectory directory;
    write_file(directory / "f", "first");
    const Descriptor open_file(::open((directory / "f").c_str(), O_RDONLY | O_CLOEXEC));
    write_file(directory / "f", "second");
    char buffer[16];
    CHECK(::read(open_file.get(), buffer, sizeof buffer) == 5);
}

TEST_CASE("a small file is its owner's alone whatever the umask is") {
    const TemporaryDirectory directory;
    const Umask umask(GENERATE(0U, 022U, 077U, 0777U));
    write_file(directory / "f", "secret");
    CHECK(mode_of(directory / "f") == 0600);
    write_file(directory / "script", "#!/bin/sh\n", 0700);
    CHECK(mode_of(directory / "script") == 0700);
}

TEST_CASE("a small file that can not be written is named, and nothing is left of it") {
    const TemporaryDirectory directory;
    const fs::path nowhere = directory / "missing/f";
    CHECK_THROWS_AS(write_file(nowhere, "x"), Error);
    CHECK_THROWS_WITH(write_file(nowhere, "x"),
                      Catch::Contains(nowhere.native()) && Catch::Contains("No such file"));
    // A directory can not be replaced by a file.
    fs::create_directory(directory / "taken");
    CHECK_THROWS_WITH(write_file(directory / "taken", "x"), Catch::Contains((directory / "taken").native()));
    CHECK(directory.num_entries() == 1);
}

TEST_CASE("what a writer with the same process number left half-written is in nobody's way") {
    const TemporaryDirectory directory;
    for (const std::string& ending : {std::string(), "." + std::to_string(::getpid())})
        static_cast<void>(create_file(directory / ("f" + ending + ".tmp")));
    CHECK_NOTHROW(write_file(directory / "f", "x"));
    CHECK(read_file(directory / "f") == "x");
    CHECK(directory.num_entries() == 3);
}

TEST_CASE("a new file must not exist, and is not followed to where a link points") {
    const TemporaryDirectory directory;
    { static_cast<void>(create_file(directory / "f")); }
    CHECK_THROWS_WITH(create_file(directory / "f"), Catch::Contains((directory / "f").native()));
    fs::create_symlink(directory / "target", directory / "link");
    CHECK_THROWS_AS(create_file(directory / "link"), Error);
    CHECK_FALSE(fs::exists(directory / "target"));
}

TEST_CASE("a new file is its owner's alone and is not inherited") {
    const TemporaryDirectory directory;
    const Umask umask(0);
    const Descriptor file = create_file(directory / "f");
    CHECK(mode_of(directory / "f") == 0600);
    CHECK((::fcntl(file.get(), F_GETFD) & FD_CLOEXEC) != 0);
    write_all(file.get(), "content", directory / "f");
    CHECK_NOTHROW(sync_file(file.get(), directory / "f"));
    CHECK(read_file(directory / "f") == "content");
}

TEST_CASE("what can not be written or synced is named") {
    const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    CHECK_THROWS_WITH(write_all(full.get(), "x", "/a/name"), "cannot write /a/name: No space left on device");
    CHECK_NOTHROW(write_all(full.get(), "", "/a/name"));
    CHECK_THROWS_WITH(sync_file(-1, "/a/name"), Catch::StartsWith("cannot sync /a/name: "));
    CHECK_THROWS_WITH(sync_directory("/nowhere/at all"), Catch::Contains("/nowhere/at all"));
    CHECK_NOTHROW(sync_directory("/tmp"));
}

TEST_CASE("a file that can not be read is named") {
    const TemporaryDirectory directory;
    CHECK_THROWS_WITH(read_file(directory / "f"),
                      "cannot open " + (directory / "f").native() + ": No such file or directory");
    CHECK_THROWS_WITH(read_file(directory.path()), Catch::Contains(directory.path().native()));
}

TEST_CASE("the end of a file is at most as long as wanted") {
    const TemporaryDirectory directory;
    write_file(directory / "f", "0123456789");
    CHECK(end_of_file(directory / "f", 3) == "789");
    CHECK(end_of_file(directory / "f", 10) == "0123456789");
    CHECK(end_of_file(directory / "f", 2000) == "0123456789");
    CHECK(end_of_file(directory / "f", 0).empty());
}

TEST_CASE("the end of a file that can not be read is empty") {
    const TemporaryDirectory directory;
    CHECK(end_of_file(directory / "f", 3).empty());
    CHECK(end_of_file(directory.path(), 3).empty());
}

TEST_CASE("a descriptor closes itself once") {
    int number = -1;
    {
        Descriptor file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        number = file.get();
        Descriptor moved(std::move(file));
        CHECK(moved.get() == number);
        Descriptor assigned(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        const int replaced = assigned.get();
        assigned = std::move(moved);
        CHECK(assigned.get() == number);
        CHECK(::fcntl(replaced, F_GETFD) == -1);
    }
    CHECK(::fcntl(number, F_GETFD) == -1);
    CHECK(Descriptor().get() == -1);
}
