// Stdout and stderr that are closed, full, non-blocking, or that nobody reads.

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>

#include "cli/command_line.hpp"
#include "wait_until.hpp"

using namespace qmr::test;
using Catch::Contains;
using Words = std::vector<std::string>;

namespace {

std::function<void()> fill(int descriptor) {
    return [descriptor] { ::dup2(::open("/dev/full", O_WRONLY | O_CLOEXEC), descriptor); };
}

std::function<void()> close_all(std::vector<int> descriptors) {
    return [descriptors = std::move(descriptors)] {
        for (const int descriptor : descriptors) ::close(descriptor);
    };
}

// Nobody has ever read it.
void leave_stderr_unread() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) ::_exit(97);
    ::close(ends[0]);
    ::dup2(ends[1], STDERR_FILENO);
}

std::string text_of_all_files(const std::filesystem::path& directory) {
    std::string text;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
        if (entry.is_regular_file() && entry.path().filename() != "worker_launcher.sh")
            text += text_of(entry.path());
    return text;
}

}  // namespace

TEST_CASE("cli, map: a stdout that is closed is an error when there is something to print") {
    const CommandLine line;
    const Words map{"map", "--", "sh", "-c", "echo pri''nted $0", ":::", "a", "b"};
    const Ran ran = line.run(map, "", close_all({STDOUT_FILENO}));
    CHECK(ran.exit_code == 3);
    CHECK_THAT(ran.err, Contains("\nqmr: cannot write the output: stdout is closed\n"));
    REQUIRE(line.work_dirs().size() == 1);
    CHECK_THAT(text_of(line.work_dirs()[0] / "log.jsonl"), !Contains("printed"));
    // Nothing is lost.
    CHECK(line.run({"resume"}).out == "printed a\nprinted b\n");
}

TEST_CASE("cli, map: with all streams closed, what is told and printed goes into no file of the map") {
    const CommandLine line;
    const auto no_streams = close_all({STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO});
    const Words silent{"map", "--keep-work-dir", "--", "sh", "-c", "echo $0 > made_$0", ":::", "a", "b"};
    CHECK(line.run(silent, "", no_streams).exit_code == 0);
    CHECK(text_of(line.directory() / "made_b") == "b\n");
    CHECK(line.run({"map", "--", "false", ":::", "a"}, "", no_streams).exit_code == 1);
    CHECK(line.run({"map", "--", "echo", ":::", "a"}, "", no_streams).exit_code == 3);
    REQUIRE(line.work_dirs().size() == 3);
    for (const auto& work_dir : line.work_dirs()) CHECK_THAT(text_of_all_files(work_dir), !Contains("qmr: "));
}

TEST_CASE("cli, map: a stderr that can not be written ends no map") {
    const CommandLine line;
    const Words talks{"map", "--", "sh", "-c", "echo trouble >&2; echo $0", ":::", "a", "b"};
    for (const auto& change :
         {fill(STDERR_FILENO), close_all({STDERR_FILENO}), std::function<void()>(leave_stderr_unread)}) {
        CHECK(line.run({"map", "--", "false", ":::", "a", "b"}, "", change).exit_code == 1);
        const Ran ran = line.run(talks, "", change);
        CHECK(ran.exit_code == 0);
        CHECK(ran.out == "a\nb\n");
        CHECK(line.run({"nosuch"}, "", change).exit_code == 2);
        CHECK(line.run({"doctor", "--nosuch"}, "", change).exit_code == 2);
    }
}

TEST_CASE("cli: a stdout that is full or closed is an error, whatever was asked for") {
    const CommandLine line;
    REQUIRE(line.run({"map", "--keep-work-dir", "--", "echo", "{}"}, lines(2)).exit_code == 0);
    for (const Words& words : std::vector<Words>{{"--help"},
                                                 {"--help-all"},
                                                 {"--version"},
                                                 {"map", "--help"},
                                                 {"man"},
                                                 {"completion", "bash"},
                                                 {"completion", "zsh"},
                                                 {"status"},
                                                 {"status", "all"},
                                                 {"status", "--json"},
                                                 {"watch"},
                                                 {"logs", "0"},
                                                 {"explain", "0"},
                                                 {"doctor"},
                                                 {"doctor", "--json"},
                                                 {"map", "--dry-run", "--", "echo", ":::", "a"},
                                                 {"map", "--json", "--", "true", ":::", "a"},
                                                 {"clean", "--yes"}}) {
        INFO(words.front() << " " << words.back());
        const Ran full = line.run(words, "", fill(STDOUT_FILENO));
        CHECK(full.exit_code == 3);
        CHECK_THAT(full.err, Catch::EndsWith("qmr: cannot write the output: No space left on device\n"));
        if (words.front() == "clean") continue;  // it is gone
        const Ran closed = line.run(words, "", close_all({STDOUT_FILENO}));
        CHECK(closed.exit_code == 3);
        CHECK_THAT(closed.err, Catch::EndsWith("qmr: cannot write the output: stdout is closed\n"));
    }
}

TEST_CASE(
    "cli, map: a limit of file sizes that the output meets is an error, and the queue jobs are deleted") {
    const CommandLine line;
    const Ran ran = line.run({"map", "--", "sh", "-c", "head -c 100000 /dev/zero", ":::", "a", "b"}, "", [] {
        const rlimit limit{60'000, 60'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    });
    CHECK(ran.signal == 0);
    CHECK(ran.exit_code != 0);
    CHECK(ran.out.size() <= 60'000);
}

TEST_CASE("cli, map: a stdout that somebody has made non-blocking gets all, as soon as it is read") {
    constexpr std::size_t size = 300'000;
    const CommandLine line;
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const auto [source, sink] = ends;
    ::fcntl(sink, F_SETFL, O_NONBLOCK);
    const int capacity = ::fcntl(sink, F_GETPIPE_SZ);
    const pid_t child = line.start({"map", "--", "sh", "-c", "head -c 300000 /dev/zero", ":::", "a", "b"}, "",
                                   [sink = sink] { ::dup2(sink, STDOUT_FILENO); });
    ::close(sink);
    wait_until([source = source, capacity] {
        int num_bytes = 0;
        return ::ioctl(source, FIONREAD, &num_bytes) == 0 && num_bytes == capacity;
    });
    std::size_t num_read = 0;
    std::array<char, 65536> buffer{};
    for (ssize_t got = 1; got > 0; num_read += static_cast<std::size_t>(got))
        got = ::read(source, buffer.data(), buffer.size());
    ::close(source);
    CHECK(line.wait_for(child).exit_code == 0);
    CHECK(num_read == 2 * size);
}
