// Tasks as programs of other systems write them.

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <qmr/qmr.hpp>

#include "cli/task_reader.hpp"
#include "cli/text.hpp"

using namespace qmr::cli;
using Words = std::vector<std::string>;

namespace {

const std::string mark = "\xef\xbb\xbf";

Words rest_of(TaskReader& reader) {
    Words tasks;
    while (const auto task = reader.next()) {
        tasks.push_back(task->text);
        tasks.insert(tasks.end(), task->values.begin(), task->values.end());
    }
    return tasks;
}

/// Each task, and behind it its fields.
Words tasks_of(const std::string& text, TaskFormat format, const Words& fields = {}) {
    TaskReader reader(qmr::test::text_reader("tasks", text), format, 100);
    for (const std::string& field : fields) REQUIRE(std::ranges::count(reader.fields(), field) == 1);
    reader.choose(fields);
    return rest_of(reader);
}

}  // namespace

TEST_CASE("cli, tasks: a byte order mark is no part of the first line, name or object") {
    CHECK(tasks_of(mark + "a\n" + mark + "b\n", TaskFormat::lines) == Words{"a", mark + "b"});
    CHECK(tasks_of(mark + "x,y\n1,2\n", TaskFormat::csv, {"x"}) == Words{"1,2", "1"});
    CHECK(tasks_of(mark + "\"x\",y\n1,2\n", TaskFormat::csv, {"x"}) == Words{"1,2", "1"});
    CHECK(tasks_of(mark + "x\ty\n1\t2\n", TaskFormat::tsv, {"x"}) == Words{"1\t2", "1"});
    CHECK(tasks_of(mark + "{\"x\":1}\n", TaskFormat::json, {"x"}) == Words{"{\"x\":1}", "1"});
    CHECK(tasks_of(mark + "\n", TaskFormat::lines) == Words{""});
    CHECK(tasks_of(mark, TaskFormat::lines).empty());
    CHECK(tasks_of(mark.substr(0, 2), TaskFormat::lines) == Words{mark.substr(0, 2)});
}

TEST_CASE("cli, tasks: bytes that NUL ends, and blocks, stay as they are") {
    const std::string text = mark + "a\r\nb\r";
    CHECK(tasks_of(text + std::string("\0c\r\n", 4), TaskFormat::null_separated) == Words{text, "c\r\n"});
    CHECK(tasks_of(text, TaskFormat::blocks) == Words{text});
}

TEST_CASE("cli, tasks: a byte order mark that comes in pieces is none of the text") {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) == 0);
    const Descriptor source(ends[0]);
    Descriptor sink(ends[1]);
    // A packet is what one read gives.
    for (const std::string packet : {"\xef", "\xbb", "\xbf", "a\r", "\nb"})
        REQUIRE(::send(sink.get(), packet.data(), packet.size(), 0) == static_cast<ssize_t>(packet.size()));
    static_cast<void>(sink.reset());
    TaskReader reader(TextReader(Descriptor(::dup(source.get())), "packets"), TaskFormat::lines);
    CHECK(rest_of(reader) == Words{"a", "b"});
}

TEST_CASE("cli, tasks: lines and records end before CRLF") {
    CHECK(tasks_of("a\r\n\r\nb\rc\r\nd\r", TaskFormat::lines) == Words{"a", "", "b\rc", "d"});
    CHECK(tasks_of("x,y\r\n1,\"2\r\n3\"\r\n", TaskFormat::csv, {"x", "y"}) ==
          Words{"1,\"2\r\n3\"", "1", "2\r\n3"});
    CHECK(tasks_of("x\ty\r\n1\t2\r\n", TaskFormat::tsv, {"y"}) == Words{"1\t2", "2"});
    CHECK(tasks_of("{\"x\":1}\r\n\r\n{\"x\":\"a\\r\\n\"}\r\n", TaskFormat::json, {"x"}) ==
          Words{"{\"x\":1}", "1", "{\"x\":\"a\\r\\n\"}", "a\r\n"});
}
