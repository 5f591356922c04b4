// link(2) and renameat2(2) are replaced in this program, so that file systems without hard links, and answers
// that get lost on the way, can be played.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdio>

#include "qmr/error.hpp"
#include "temporary_directory.hpp"
#include "vocabulary/atomic_file.hpp"

using namespace qmr::detail;
using qmr::test::TemporaryDirectory;

namespace {

struct Faults {
    int link_error = 0;
    int rename_error = 0;  ///< of renameat2()
    bool answer_to_link_gets_lost = false;
};
Faults faults;

class WithFaults {
  public:
    explicit WithFaults(const Faults& now) { faults = now; }
    ~WithFaults() { faults = Faults(); }
    WithFaults(const WithFaults&) = delete;
    WithFaults& operator=(const WithFaults&) = delete;
};

}  // namespace

extern "C" int link(const char* from, const char* to) noexcept {
    if (faults.link_error != 0) return errno = faults.link_error, -1;
    if (faults.answer_to_link_gets_lost) ::syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
    return static_cast<int>(::syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0));
}

extern "C" int renameat2(int from_directory, const char* from, int to_directory, const char* to,
                         unsigned flags) noexcept {
    if (faults.rename_error != 0) return errno = faults.rename_error, -1;
    return static_cast<int>(::syscall(SYS_renameat2, from_directory, from, to_directory, to, flags));
}

namespace {

// With hard links, without them, and without an atomic rename that does not replace.
Faults each_file_system() {
    return GENERATE(Faults{}, Faults{EPERM, 0, false}, Faults{EOPNOTSUPP, 0, false},
                    Faults{ENOSYS, EINVAL, false}, Faults{EPERM, ENOSYS, false}, Faults{EMLINK, 0, false});
}

}  // namespace

TEST_CASE("a committed file has its final name only, and its content and mode") {
    const TemporaryDirectory directory;
    const WithFaults now(each_file_system());
    write_file(directory / "part", "mine");
    CHECK(commit_file(directory / "part", directory / "final") == Commit::done);
    CHECK(read_file(directory / "final") == "mine");
    CHECK(directory.num_entries() == 1);
    struct stat status {};
    REQUIRE(::stat((directory / "final").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0600);
    CHECK(status.st_nlink == 1);
}

TEST_CASE("the first file that is committed wins, and nothing is left of the second") {
    const TemporaryDirectory directory;
    const WithFaults now(each_file_system());
    write_file(directory / "a", "first");
    write_file(directory / "b", "second");
    CHECK(commit_file(directory / "a", directory / "final") == Commit::done);
    CHECK(commit_file(directory / "b", directory / "final") == Commit::was_there);
    CHECK(read_file(directory / "final") == "first");
    CHECK(directory.num_entries() == 1);
}

TEST_CASE("a commit whose answer got lost is recognised as one's own") {
    const TemporaryDirectory directory;
    const WithFaults now(Faults{0, 0, true});
    write_file(directory / "part", "mine");
    CHECK(commit_file(directory / "part", directory / "final") == Commit::done);
    CHECK(read_file(directory / "final") == "mine");
    CHECK(directory.num_entries() == 1);
}

TEST_CASE("a file that has another name elsewhere is no commit of one's own") {
    const TemporaryDirectory directory;
    write_file(directory / "final", "first");
    write_file(directory / "part", "second");
    REQUIRE(::link((directory / "part").c_str(), (directory / "backup").c_str()) == 0);
    CHECK(commit_file(directory / "part", directory / "final") == Commit::was_there);
    CHECK(read_file(directory / "final") == "first");
}

TEST_CASE("a file that can not be committed is named and kept") {
    const TemporaryDirectory directory;
    write_file(directory / "part", "mine");
    const fs::path nowhere = directory / "missing/final";
    CHECK_THROWS_WITH(commit_file(directory / "part", nowhere), Catch::Contains(nowhere.native()));
    const WithFaults now(
        GENERATE(Faults{EACCES, 0, false}, Faults{EPERM, EROFS, false}, Faults{EDQUOT, 0, false}));
    CHECK_THROWS_AS(commit_file(directory / "part", directory / "final"), qmr::Error);
    CHECK_FALSE(fs::exists(directory / "final"));
    CHECK(read_file(directory / "part") == "mine");
}

TEST_CASE("committing a file that is not there is an error") {
    const TemporaryDirectory directory;
    const WithFaults now(GENERATE(Faults{}, Faults{EPERM, 0, false}, Faults{EPERM, EINVAL, false}));
    CHECK_THROWS_AS(commit_file(directory / "part", directory / "final"), qmr::Error);
    CHECK_FALSE(fs::exists(directory / "final"));
}
