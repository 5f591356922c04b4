// Where the tasks of qmr map come from, and that nothing else is taken for them.

#include <catch2/catch.hpp>

#include "cli/command_line.hpp"

using namespace qmr::test;
using Words = std::vector<std::string>;

namespace {

// Stdin has a task that nobody wants.
void check_refused(const CommandLine& line, const Words& words, const std::string& complaint) {
    INFO(complaint);
    const Ran ran = line.run(words, "of stdin\n");
    CHECK(ran.exit_code == 2);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, Catch::StartsWith("qmr: " + complaint));
    CHECK(std::ranges::count(ran.err, '\n') == 1);
    CHECK(line.work_dirs().empty());
}

}  // namespace

TEST_CASE("cli, map: the name of a file tells its format, in letters of either case") {
    const CommandLine line;
    line.write("RUNS.CSV", "\xef\xbb\xbfsample id,x\r\n1 2,3\r\n");
    line.write("runs.tsv", "sample id\tx\n1 2\t3\n");
    line.write("Runs.Jsonl", "{\"sample id\":\"1 2\",\"x\":3}\n");
    for (const std::string file : {"RUNS.CSV", "runs.tsv", "Runs.Jsonl"}) {
        INFO(file);
        CHECK(line.run({"map", "--tasks", file, "--", "printf", "[%s]", "{x}", "{sample id}"}).out ==
              "[3][1 2]");
    }
    CHECK(line.run({"map", "--format", "tsv", "--", "echo", "{b}"}, "a\tb\n1\t2\n").out == "2\n");
}

TEST_CASE("cli, map: an option about tasks that are read is refused where tasks are listed") {
    const CommandLine line;
    line.write("tasks", "of file\n");
    const Words options =
        GENERATE(Words{"--tasks", "tasks"}, Words{"--tasks", "-"}, Words{"-0"}, Words{"--pipe", "1K"},
                 Words{"--format", "csv"}, Words{"--format", "lines"});
    Words words{"map"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--", "echo", ":::", "a"});
    check_refused(line, words, options.front() + " is about tasks that are read");
}

TEST_CASE("cli, map: no list, and more than one, are refused, and stdin is not read for them") {
    const CommandLine line;
    check_refused(line, {"map", "--", "echo", ":::"}, "there is no task behind \":::\"");
    check_refused(line, {"map", "--", "echo", ":::", "a", ":::", "b"}, "\":::\" is not supported");
    check_refused(line, {"map", "--", "echo", ":::", "a", ":::+", "b"}, "\":::+\" is not supported");
    check_refused(line, {"map", "--", "echo", "{}", "::::", "tasks"}, "\"::::\" is not supported");
}

TEST_CASE("cli, map: an option that is given without anything is not taken for one that is not given") {
    const CommandLine line;
    check_refused(line, {"map", "--tasks", "", "--", "echo"}, "--tasks: the name of the file is empty");
    check_refused(line, {"map", "--pipe", "", "--", "cat"}, "--pipe: \"\" is no size");
}

TEST_CASE(
    "cli, map: a place that tasks do not have is refused, and what can be none is left to the command") {
    const CommandLine line;
    check_refused(line, {"map", "--", "echo", "{sample id}"}, "unknown place {sample id} in the command");
    check_refused(line, {"map", "--", "echo", "{#}", ":::", "a"}, "unknown place {#} in the command");
    CHECK(line.run({"map", "--", "sh", "-c", "x=$0; echo ${x}"}, "a\n").out == "a\n");
    CHECK(line.run({"map", "--stdin", "--", "awk", "{print $2}"}, "a b\n").out == "b\n");
}

TEST_CASE("cli, map: bad options are refused without tasks as with them") {
    const CommandLine line;
    const Words options =
        GENERATE(Words{"--num-chunks", "0"}, Words{"--chunk-size", "0"},
                 Words{"--num-chunks", "1", "--chunk-size", "1"}, Words{"--batch-system", "pbs"},
                 Words{"--max-num-running", "0"}, Words{"--polling-interval", "9"},
                 Words{"--work-dir", "/etc/passwd/below"},
                 Words{"--batch-system", "sge", "--qsub-path", "/not/there"}, Words{"--timeout", "x"},
                 Words{"--halt", "soon"}, Words{"--halt", "now,fail=200%"}, Words{"--reduce", "a | b"},
                 Words{"--reduce", "cat", "--fan-in", "1"}, Words{"--num-chunks", "0", "--reduce", "cat"},
                 Words{"--num-chunks", "0", "--json"}, Words{"--num-chunks", "0", "--detach"},
                 Words{"--num-chunks", "0", "--dry-run"}, Words{"--chunk-size", "0", "--pipe", "1K"});
    Words words{"map"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--", "echo"});
    INFO(options.front() << " " << options[1]);
    const Ran with = line.run(words, "1\n");
    const Ran without = line.run(words, "");
    CHECK(with.exit_code == 2);
    CHECK(without.exit_code == 2);
    CHECK(without.err == with.err);
    CHECK(line.work_dirs().empty());
}

TEST_CASE("cli, map: good options are taken without tasks as with them") {
    const CommandLine line;
    const Words options =
        GENERATE(Words{"--halt", "now,fail=10%"}, Words{"--work-dir", "not/there"}, Words{"--reduce", "cat"});
    INFO(options.front());
    Words words{"map"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--", "echo"});
    CHECK(line.run(words, "").err == "qmr: 0 tasks in stdin; nothing was run\n");
    CHECK_FALSE(std::filesystem::exists(line.directory() / "not"));
    CHECK(line.run(words, "1\n").out == "1\n");
}
