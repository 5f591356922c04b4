// Paths as the user knows them.

#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>

#include "ground/environment_variable.hpp"
#include "temporary_directory.hpp"
#include "vocabulary/current_directory.hpp"

using namespace qmr::detail;
using qmr::test::EnvironmentVariable;
using qmr::test::TemporaryDirectory;
namespace fs = boost::filesystem;

namespace {

/// A directory to be in, `vol/me`, and the link to it by which its user knows it, `me`.
class LinkedHome {
  public:
    LinkedHome() {
        fs::create_directories(real());
        fs::create_directory_symlink(real(), link());
        fs::current_path(link());
    }
    ~LinkedHome() { fs::current_path(before_); }
    LinkedHome(const LinkedHome&) = delete;
    LinkedHome& operator=(const LinkedHome&) = delete;

    [[nodiscard]] fs::path root() const { return fs::canonical(directory_.path()); }
    [[nodiscard]] fs::path real() const { return root() / "vol" / "me"; }
    [[nodiscard]] fs::path link() const { return root() / "me"; }

  private:
    fs::path before_ = fs::current_path();
    TemporaryDirectory directory_;
};

}  // namespace

TEST_CASE("paths: the current directory is the one that the user has gone to, where a link leads to it") {
    const LinkedHome home;
    const EnvironmentVariable shell("PWD", home.link().native());
    CHECK(current_directory() == home.link());
    CHECK(absolute_path("x/./y") == home.link() / "x" / "y");
    CHECK(absolute_path(".") == home.link());
}

TEST_CASE("paths: a PWD that is not the current directory, or is written strangely, is not believed") {
    const LinkedHome home;
    for (const char* told : {"", ".", "vol", "gone", "me/.", "vol/../me"}) {
        const std::string value = told[0] == '\0' || told[0] == '.' ? told : (home.root() / told).native();
        const EnvironmentVariable shell("PWD", value);
        CHECK(current_directory() == home.real());
    }
    const EnvironmentVariable shell("PWD", std::nullopt);
    CHECK(current_directory() == home.real());
}

TEST_CASE("paths: .. is taken away, but behind a link, which the system follows first") {
    const LinkedHome home;
    const EnvironmentVariable shell("PWD", home.link().native());
    CHECK(absolute_path("a/../b") == home.link() / "b");
    CHECK(absolute_path("/a/../../b//c/.") == fs::path("/b/c"));
    fs::create_directory(home.root() / "vol" / "b");
    const fs::path behind = absolute_path("../b");
    CHECK(behind == home.link() / ".." / "b");
    CHECK(fs::equivalent(behind, home.root() / "vol" / "b"));
    CHECK(absolute_path("../b/../c") == home.link() / ".." / "c");
}
