// Tasks from a stdin that can not be read, or not at once, and tasks that a command reads.

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>

#include "cli/command_line.hpp"
#include "wait_until.hpp"

using namespace qmr::test;
using Words = std::vector<std::string>;

namespace {

const std::vector<Words> ways_to_read{{"--format", "lines", "--", "echo", "{}"},
                                      {"-0", "--", "echo", "{}"},
                                      {"--format", "csv", "--", "echo", "{}"},
                                      {"--format", "json", "--", "echo", "{}"},
                                      {"--pipe", "1K", "--", "cat"}};

Words map_by(const Words& way, Words options = {}) {
    options.insert(options.begin(), "map");
    options.insert(options.end(), way.begin(), way.end());
    return options;
}

void read_the_directory() {
    ::dup2(::open(".", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
}

}  // namespace

TEST_CASE("cli, map: tasks that can not be read are refused, and are not taken for their end") {
    const CommandLine line;
    for (const Words& way : ways_to_read) {
        INFO(way.front() << " " << way[1]);
        const Ran directory = line.run(map_by(way), "", read_the_directory);
        CHECK(directory.exit_code == 2);
        CHECK(directory.err == "qmr: cannot read stdin: Is a directory\n");
        const Ran file = line.run(map_by(way, {"--tasks", "."}));
        CHECK(file.exit_code == 2);
        CHECK(file.err == "qmr: cannot read .: Is a directory\n");
        const Ran closed = line.run(map_by(way), "", [] { ::close(STDIN_FILENO); });
        CHECK(closed.exit_code == 2);
        CHECK(closed.err == "qmr: cannot read stdin: it is closed\n");
        CHECK(line.work_dirs().empty());
    }
}

TEST_CASE("cli, map: a stdin that somebody has made non-blocking is read to its end") {
    const std::array<std::string, 5> first{"1\n2", std::string("1\0002", 3), "a,b\n1", "{\"a\":", "1\n2"};
    const std::array<std::string, 5> rest{"3\n4\n", std::string("3\0004\000", 4), ",2\n3,4\n", "1}\n",
                                          "3\n4\n"};
    const std::array<std::string, 5> printed{"1\n23\n4\n", "1\n23\n4\n", "1,2\n3,4\n", "{\"a\":1}\n",
                                             "1\n23\n4\n"};
    const CommandLine line;
    for (std::size_t way = 0; way < ways_to_read.size(); ++way) {
        INFO(ways_to_read[way].front() << " " << ways_to_read[way][1]);
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        const auto [source, sink] = ends;
        ::fcntl(source, F_SETFL, O_NONBLOCK);
        REQUIRE(::write(sink, first[way].data(), first[way].size()) > 0);
        const pid_t child = line.start(map_by(ways_to_read[way]), "", [source = source, sink = sink] {
            ::dup2(source, STDIN_FILENO);
            ::close(sink);
        });
        wait_until([source = source] {
            int num_bytes = 0;
            return ::ioctl(source, FIONREAD, &num_bytes) == 0 && num_bytes == 0;
        });
        CHECK(::write(sink, rest[way].data(), rest[way].size()) > 0);
        ::close(sink);
        const Ran ran = line.wait_for(child);
        ::close(source);
        CHECK(ran.exit_code == 0);
        CHECK(ran.out == printed[way]);
    }
}

TEST_CASE("cli, map: that there are no tasks is no error, and is told") {
    const CommandLine line;
    for (const Words& way : ways_to_read) {
        INFO(way.front() << " " << way[1]);
        const bool is_csv = way[1] == "csv";
        const Ran ran = line.run(map_by(way), is_csv ? "a,b\n" : "");
        CHECK(ran.exit_code == 0);
        CHECK(ran.err == "qmr: 0 tasks in stdin; nothing was run\n");
        CHECK(line.run(map_by(way, {"--progress", "silent"}), is_csv ? "a,b\n" : "").err.empty());
        CHECK(line.run(map_by(way, {"--progress", "json"}), is_csv ? "a,b\n" : "").err ==
              "{\"message\":\"0 tasks in stdin; nothing was run\"}\n");
    }
    CHECK(line.run({"map", "--tasks", "/dev/null", "--", "echo"}).err ==
          "qmr: 0 tasks in /dev/null; nothing was run\n");
}

TEST_CASE("cli, map: a command that reads a task reads a whole line") {
    const CommandLine line;
    const Words read{"--", "sh", "-c", "while read -r x; do echo \"got $x\"; done"};
    CHECK(line.run(map_by(read, {"--stdin"}), "a\n\nb c").out == "got a\ngot \ngot b c\n");
    CHECK(line.run({"map", "--stdin", "--", "wc", "-l"}, lines(3)).out == "1\n1\n1\n");
    CHECK(line.run(map_by(read, {"--stdin", "--format", "csv"}), "a,b\r\n1,2\r\n").out == "got 1,2\n");
    CHECK(line.run(map_by(read, {"--stdin", "--format", "json"}), "{\"a\": 1}\n").out == "got {\"a\": 1}\n");
    CHECK(line.run({"map", "--stdin", "--", "wc", "-l", ":::", "a", "b"}).out == "1\n1\n");
}

TEST_CASE("cli, map: what NUL ends, and a block, are read as they are") {
    const CommandLine line;
    CHECK(line.run({"map", "--stdin", "-0", "--", "wc", "-c"}, std::string("a\0b\n\0", 5)).out == "1\n2\n");
    CHECK(line.run({"map", "--pipe", "1K", "--", "wc", "-c"}, "a\nb").out == "3\n");
}
