// What killed test programs leave behind is removed by the next one, and nothing else is.

#include "temporary_directory.hpp"

#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "other_processes.hpp"

using namespace qmr::test;
namespace stdfs = std::filesystem;

namespace {

constexpr unsigned int longest_life = 100;  // of processes that wait to be killed, in seconds

/// A process that makes a directory, and lives until it is killed.
class Maker {
  public:
    explicit Maker(
        const TemporaryDirectory& parent,
        const std::function<void(const stdfs::path&)>& fill = [](const auto&) {}) {
        std::array<int, 2> ends{};
        REQUIRE(::pipe(ends.data()) == 0);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::alarm(longest_life);
            const TemporaryDirectory made(parent.path().native(), "made");
            fill(made.path().native());
            const std::string path = made.path().native();
            if (::write(ends[1], path.data(), path.size()) < 0) ::_exit(1);
            for (;;) ::pause();
        }
        std::array<char, 4096> path{};
        const auto size = ::read(ends[0], path.data(), path.size());
        for (const int end : ends) ::close(end);
        REQUIRE(size > 0);
        path_ = std::string(path.data(), static_cast<std::size_t>(size));
    }
    ~Maker() { kill(); }
    Maker(const Maker&) = delete;
    Maker& operator=(const Maker&) = delete;

    [[nodiscard]] const stdfs::path& path() const { return path_; }

    void kill() {
        if (pid_ < 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }

  private:
    pid_t pid_ = -1;
    stdfs::path path_;
};

/// What a test program does that makes such a directory.
void run_next_test_program(const TemporaryDirectory& parent) {
    REQUIRE(in_child([&] {
                const TemporaryDirectory made(parent.path().native(), "made");
                return stdfs::is_directory(made.path().native()) ? 0 : 1;
            }) == 0);
}

}  // namespace

TEST_CASE("a directory of a test program that was killed is removed by the next one") {
    const TemporaryDirectory parent;
    const std::string outside = (parent / "outside").native();
    std::ofstream(outside) << "stays";
    Maker maker(parent, [&](const stdfs::path& directory) {
        stdfs::create_directories(directory / "closed" / "inner");
        std::ofstream((directory / "closed" / "file").native()) << "goes";
        stdfs::create_symlink(parent.path().native(), directory / "link");
        ::chmod((directory / "closed").c_str(), 0);
    });
    maker.kill();
    REQUIRE(stdfs::is_directory(maker.path()));
    run_next_test_program(parent);
    CHECK_FALSE(stdfs::exists(maker.path()));
    CHECK(stdfs::exists(outside));
}

TEST_CASE("a directory of a test program that lives is left alone by the next one") {
    const TemporaryDirectory parent;
    Maker maker(parent, [](const stdfs::path& directory) { std::ofstream((directory / "file").native()); });
    run_next_test_program(parent);
    CHECK(stdfs::exists(maker.path() / "file"));
    maker.kill();
    run_next_test_program(parent);
    CHECK_FALSE(stdfs::exists(maker.path()));
}

TEST_CASE("a directory is left alone while a copy of its killed test program lives") {
    const TemporaryDirectory parent;
    const std::string pid_file = (parent / "pid").native();
    Maker maker(parent, [&](const stdfs::path&) {
        const pid_t copy = ::fork();
        ::alarm(longest_life);
        if (copy == 0)
            for (;;) ::pause();
        std::ofstream(pid_file) << copy;
    });
    pid_t copy = -1;
    std::ifstream(pid_file) >> copy;
    REQUIRE(copy > 0);
    // The copy is then a child of this process, which sees its end: what it held is free.
    REQUIRE(::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    maker.kill();
    run_next_test_program(parent);
    CHECK(stdfs::exists(maker.path()));
    ::kill(copy, SIGKILL);
    REQUIRE(::waitpid(copy, nullptr, 0) == copy);
    REQUIRE(::prctl(PR_SET_CHILD_SUBREAPER, 0) == 0);
    run_next_test_program(parent);
    CHECK_FALSE(stdfs::exists(maker.path()));
}

TEST_CASE("a program that a killed test program has started keeps no directory") {
    const TemporaryDirectory parent;
    const NamedPipe output;
    std::array<int, 2> input{};
    REQUIRE(::pipe2(input.data(), O_CLOEXEC) == 0);
    Maker maker(parent, [&](const stdfs::path&) {
        if (::fork() != 0) return;
        ::dup2(input[0], STDIN_FILENO);
        ::dup2(::open(output.path().c_str(), O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
        ::execl("/bin/sh", "sh", "-c", "echo started; exec cat", nullptr);
    });
    pollfd started{output.descriptor(), POLLIN, 0};
    REQUIRE(::poll(&started, 1, 60'000) == 1);
    maker.kill();
    run_next_test_program(parent);
    CHECK_FALSE(stdfs::exists(maker.path()));
    for (const int end : input) ::close(end);
    CHECK(output.wait_until_all_have_closed_it());
}

TEST_CASE("what a killed test program has mounted goes with its directory") {
    const TemporaryDirectory parent;
    Maker maker(parent, [](const stdfs::path& directory) {
        for (const char* name : {"disk", "disk/inner"}) {
            stdfs::create_directory(directory / name);
            if (::mount("none", (directory / name).c_str(), "tmpfs", 0, "size=100k") == 0) continue;
            stdfs::remove(directory / name);
            break;
        }
    });
    if (!stdfs::exists(maker.path() / "disk/inner")) {
        WARN("not tried: this user can not mount a file system");
        return;
    }
    maker.kill();
    run_next_test_program(parent);
    CHECK_FALSE(stdfs::exists(maker.path()));
}

TEST_CASE("what only looks like a directory of a killed test program is left alone") {
    const TemporaryDirectory parent;
    const stdfs::path directory = parent.path().native();
    stdfs::create_directory(directory / "kept");
    stdfs::create_symlink("kept", directory / "made.linked");
    std::ofstream((directory / "made.a_file").native());
    for (const char* name : {"made.seven77", "made.five5", "made.abcdef.kept", "other.abcdef", "made_abcdef"})
        stdfs::create_directory(directory / name);
    const std::size_t num_entries = parent.num_entries();
    run_next_test_program(parent);
    CHECK(parent.num_entries() == num_entries);
    if (::geteuid() != 0) return;
    stdfs::create_directory(directory / "made.of_1st");
    REQUIRE(::chown((directory / "made.of_1st").c_str(), 1, 1) == 0);
    run_next_test_program(parent);
    CHECK(stdfs::exists(directory / "made.of_1st"));
}

TEST_CASE("a directory is there for its test program, though others look for what was left meanwhile") {
    const TemporaryDirectory parent;
    const pid_t other = ::fork();
    if (other == 0) {
        ::alarm(longest_life);
        try {
            for (;;) remove_abandoned_directories(parent.path().native(), "made");
        } catch (...) {
            ::_exit(1);
        }
    }
    bool is_there = true;
    for (int i = 0; i < 5000 && is_there; ++i) {
        const TemporaryDirectory made(parent.path().native(), "made");
        std::ofstream((made / "file").native()) << i;
        is_there = stdfs::exists((made / "file").native());
    }
    ::kill(other, SIGKILL);
    int status = 0;
    ::waitpid(other, &status, 0);
    CHECK(WTERMSIG(status) == SIGKILL);
    CHECK(is_there);
}
