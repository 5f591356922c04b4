// qmr map, from the command line to what is printed, on the local cores.

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "cli/command_line.hpp"

using namespace qmr::test;
using Words = std::vector<std::string>;

namespace {

std::vector<nlohmann::json> json_lines(const std::string& text) {
    std::vector<nlohmann::json> objects;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) objects.push_back(nlohmann::json::parse(line));
    return objects;
}

}  // namespace

TEST_CASE("cli, map: what the commands print comes in the order of the tasks") {
    const CommandLine line;
    const Ran ran = line.run({"map", "--", "echo", "task", "{}"}, lines(50));
    CHECK(ran.exit_code == 0);
    std::string expected;
    for (int i = 0; i < 50; ++i) expected += "task " + std::to_string(i) + '\n';
    CHECK(ran.out == expected);
    CHECK_THAT(ran.err, Catch::Contains("50 of 50 tasks done"));
    CHECK(line.work_dirs().empty());
}

TEST_CASE("cli, map: a command gets a task as one argument, whatever is in it") {
    const CommandLine line;
    const std::string task = "  a 'b' \"c\" $HOME `ls` * \\ {} \xff";
    CHECK(line.run({"map", "--", "printf", "[%s]\n"}, task + "\n").out == "[" + task + "]\n");
}

TEST_CASE("cli, map: tasks stand on the command line behind :::") {
    const CommandLine line;
    CHECK(line.run({"map", "--", "echo", "x{}", ":::", "a", "b c", "-n", "--"}).out ==
          "xa\nxb c\nx-n\nx--\n");
}

TEST_CASE("cli, map: tasks come from a file, and may be separated by NUL") {
    const CommandLine line;
    line.write("tasks", std::string("a\nb\0c", 5));
    CHECK(line.run({"map", "--tasks", "tasks", "-0", "--", "printf", "<%s>"}).out == "<a\nb><c>");
}

TEST_CASE("cli, map: a CSV file names the fields of its tasks") {
    const CommandLine line;
    line.write("tasks.csv", "seed,energy\n1,2.5\n2,\"3,5\"\n");
    CHECK(line.run({"map", "--tasks", "tasks.csv", "--", "echo", "{energy}-{seed}"}).out == "2.5-1\n3,5-2\n");
    const Ran typo = line.run({"map", "--tasks", "tasks.csv", "--", "echo", "{sed}"});
    CHECK(typo.exit_code == 2);
    CHECK_THAT(typo.err, Catch::Contains("unknown place {sed} in the command: tasks have {seed}, {energy}"));
}

TEST_CASE("cli, map: a file of JSON lines names the fields of its tasks") {
    const CommandLine line;
    line.write(
        "tasks.jsonl",
        "{\"seed\": 1, \"name\": \"a b\", \"x\": [1, 2]}\n\n{\"name\": \"c\", \"seed\": 2, \"x\": true}\n");
    CHECK(line.run({"map", "--tasks", "tasks.jsonl", "--", "echo", "{name}", "{seed}", "{x}"}).out ==
          "a b 1 [1,2]\nc 2 true\n");
    const Ran lacking =
        line.run({"map", "--format", "json", "--", "echo", "{seed}"}, "{\"seed\": 1}\n{\"sed\": 2}\n");
    CHECK(lacking.exit_code == 2);
    CHECK_THAT(lacking.err, Catch::Contains("stdin:2: there is no \"seed\""));
}

TEST_CASE("cli, map: a task can be given on the standard input of the command") {
    const CommandLine line;
    CHECK(line.run({"map", "--stdin", "--", "tr", "a-z", "A-Z"}, "abc\ndef\n").out == "ABC\nDEF\n");
}

TEST_CASE("cli, map: binary output survives") {
    const CommandLine line;
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    line.write("binary", all);
    CHECK(line.run({"map", "--", "cat", "{}"}, "binary\nbinary\n").out == all + all);
}

TEST_CASE("cli, map: output that is too much for memory comes whole and in its place") {
    const CommandLine line;
    const Ran ran =
        line.run({"map", "--", "sh", "-c", "echo begin $0; head -c 5000000 /dev/zero; echo end"}, lines(3));
    std::string expected;
    for (int i = 0; i < 3; ++i)
        expected += "begin " + std::to_string(i) + '\n' + std::string(5'000'000, '\0') + "end\n";
    CHECK(ran.out.size() == expected.size());
    CHECK(ran.out == expected);
    CHECK(line.work_dirs().empty());
}

TEST_CASE("cli, map: a command that fails is told at the end with its last words") {
    const CommandLine line;
    const Ran ran = line.run(
        {"map", "--", "sh", "-c", "echo out $0; echo trouble with $0 >&2; exit $(($0 == 3 ? 7 : 0))"},
        lines(5));
    CHECK(ran.exit_code == 1);
    CHECK(ran.out == "out 0\nout 1\nout 2\nout 3\nout 4\n");
    CHECK_THAT(ran.err, Catch::Contains("trouble with 0\n") && Catch::Contains("qmr: 1 of 5 tasks failed:") &&
                            Catch::Contains("qmr: task 3 (3): exit code 7 on ") &&
                            Catch::Contains("    trouble with 3\n"));
    CHECK(line.work_dirs().size() == 1);
}

TEST_CASE("cli, map: a command that can not be started is a failed task") {
    const CommandLine line;
    const Ran ran = line.run({"map", "--", "./not-there"}, lines(1));
    CHECK(ran.exit_code == 1);
    CHECK_THAT(ran.err, Catch::Contains("cannot start ./not-there: No such file or directory"));
}

TEST_CASE("cli, map: a command that fails is run again as often as is asked for") {
    const CommandLine line;
    const Ran ran = line.run({"map", "--retries", "2", "--json", "--", "sh", "-c",
                              "echo x >> ran; [ $(wc -l < ran) -ge $0 ] && echo well"},
                             "3\n");
    CHECK(ran.exit_code == 0);
    REQUIRE(json_lines(ran.out).size() == 1);
    CHECK(json_lines(ran.out)[0]["attempts"] == 3);
    CHECK(json_lines(ran.out)[0]["stdout"] == "well\n");
    std::filesystem::remove(line.directory() / "ran");
    CHECK(line.run({"map", "--retries", "2", "--", "sh", "-c", "echo x >> ran; exit 1"}, "3\n").exit_code ==
          1);
    CHECK(text_of(line.directory() / "ran") == "x\nx\nx\n");
}

TEST_CASE("cli, map: a command that runs too long is killed") {
    const CommandLine line;
    const Ran ran = line.run({"map", "--timeout", "0.2", "--", "sleep", "{}"}, "0\n100\n");
    CHECK(ran.exit_code == 1);
    CHECK_THAT(ran.err, Catch::Contains("task 1 (100): killed, since it ran longer than --timeout 0.2"));
}

TEST_CASE("cli, map: numbers in JSON tasks stay as they are written") {
    const CommandLine line;
    CHECK(line.run({"map", "--format", "json", "--", "echo", "{a} {d} {f} {n} {o}"},
                   R"({"a":12345678901234567890123,"d":1E5,"f":1.10,"n":-7,"o":{"a":[1]}})"
                   "\n")
              .out == "12345678901234567890123 1E5 1.10 -7 {\"a\":[1]}\n");
}

TEST_CASE("cli, map: when nobody reads the output any more, it ends by SIGPIPE, and what is done is kept") {
    const CommandLine line;
    const auto out = line.directory() / "out";
    REQUIRE(::mkfifo(out.c_str(), 0600) == 0);
    const pid_t child = line.start({"map", "--num-chunks", "20", "--", "echo"}, lines(200));
    const int reader = ::open(out.c_str(), O_RDONLY | O_CLOEXEC);
    char letter = 0;
    CHECK(::read(reader, &letter, 1) == 1);
    ::close(reader);
    std::filesystem::remove(out);
    const Ran ran = line.wait_for(child);
    INFO(ran.err);
    CHECK(ran.signal == SIGPIPE);
    CHECK(line.work_dirs().size() == 1);
}

TEST_CASE("cli, map: many commands are cut finely, so that the first outputs are there soon") {
    const CommandLine line;
    CHECK_THAT(line.run({"map", "--dry-run", "--max-num-running", "2", "--", "echo"}, lines(20'000)).out,
               Catch::StartsWith("# 20000 tasks in 200 chunks"));
    CHECK_THAT(line.run({"map", "--dry-run", "--num-chunks", "7", "--", "echo"}, lines(20'000)).out,
               Catch::StartsWith("# 20000 tasks in 7 chunks"));
}

TEST_CASE("cli, map: JSON has the whole task, but of one that is read on stdin") {
    const CommandLine line;
    const std::string task = "two lines\n" + std::string(300, 'x');
    CHECK(json_lines(line.run({"map", "--json", "-0", "--", "true"}, task).out).at(0)["task"] == task);
    CHECK(json_lines(line.run({"map", "--json", "-0", "--stdin", "--", "true"}, task).out).at(0)["task"] ==
          "two lines");
}

TEST_CASE("cli, map: each task can be told as a line of JSON") {
    const CommandLine line;
    const Ran ran =
        line.run({"map", "--json", "--", "sh", "-c", "echo $0; printf '\\377' >&2; exit $0"}, "0\n5\n");
    const auto objects = json_lines(ran.out);
    REQUIRE(objects.size() == 2);
    CHECK(objects[0]["itask"] == 0);
    CHECK(objects[0]["task"] == "0");
    CHECK(objects[0]["exit_code"] == 0);
    CHECK(objects[0]["stdout"] == "0\n");
    CHECK(objects[0]["stderr_base64"] == "/w==");
    CHECK(objects[0]["peak_memory"] > 100'000);
    CHECK(objects[0]["seconds"] > 0);
    CHECK_FALSE(objects[0]["host"].get<std::string>().empty());
    CHECK(objects[1]["exit_code"] == 5);
    CHECK(objects[1]["cause"] == "exception");
    CHECK(text_of(objects[1]["stdout_file"].get<std::string>()) == "5\n");
}

TEST_CASE("cli, map: each task can have files of its own") {
    const CommandLine line;
    const Ran ran =
        line.run({"map", "--output", "a/b", "--", "sh", "-c", "echo $0; [ $0 = 0 ] || echo e >&2"}, lines(2));
    CHECK(ran.exit_code == 0);
    CHECK(ran.out.empty());
    CHECK(text_of(line.directory() / "a/b/000000000.stdout") == "0\n");
    CHECK(text_of(line.directory() / "a/b/000000001.stdout") == "1\n");
    CHECK(text_of(line.directory() / "a/b/000000001.stderr") == "e\n");
    CHECK_FALSE(std::filesystem::exists(line.directory() / "a/b/000000000.stderr"));
    CHECK(line.run({"map", "--output", "a/b", "--", "true"}, lines(2)).exit_code == 0);
    CHECK_FALSE(std::filesystem::exists(line.directory() / "a/b/000000001.stderr"));
}

TEST_CASE("cli, map: no tasks are no error") {
    const CommandLine line;
    const Ran ran = line.run({"map", "--", "false"});
    CHECK(ran.exit_code == 0);
    CHECK(ran.out.empty());
}

TEST_CASE("cli, map: bad input is refused in one line, and nothing is submitted") {
    const CommandLine line;
    const auto [words, in, complaint] = GENERATE(table<Words, std::string, std::string>({
        {{"map"}, "1\n", "there is no command"},
        {{"map", "--"}, "1\n", "there is no command"},
        {{"map", "echo"}, "1\n", "\"echo\" is one argument too many"},
        {{"map", "--", "echo", "{seed}"}, "1\n", "unknown place {seed}"},
        {{"map", "--tasks", "not-there", "--", "echo"}, "", "cannot open not-there: No such file"},
        {{"map", "--", "echo"}, std::string("a\0b\n", 4), "has a NUL character"},
        {{"map", "--", "echo"}, "1\n" + std::string(131'072, 'x') + "\n", "task 1 ("},
        {{"map", "--num-chunks", "0", "--", "echo"}, "1\n", "num_chunks"},
        {{"map", "--format", "csv", "--", "echo"}, "a,a\n", "two fields have the name \"a\""},
        {{"map", "--format", "json", "--", "echo"}, "{\n", "stdin:1: this line is no JSON object"},
        {{"map", "--json", "--output", "d", "--", "echo"}, "1\n", "--json"},
    }));
    INFO(complaint);
    const Ran ran = line.run(words, in);
    CHECK(ran.exit_code == 2);
    CHECK_THAT(ran.err, Catch::StartsWith("qmr: ") && Catch::Contains(complaint));
    CHECK(std::ranges::count(ran.err, '\n') == 1);
    CHECK(line.work_dirs().empty());
}

TEST_CASE("cli, map: a big input is cut into blocks of whole lines") {
    const CommandLine line;
    const std::string input = lines(10'000);
    CHECK(line.run({"map", "--pipe", "1K", "--", "cat"}, input).out == input);
    const Ran ran = line.run({"map", "--pipe", "8K", "--json", "--", "wc", "-l"}, input);
    const auto objects = json_lines(ran.out);
    CHECK(objects.size() == (input.size() + 8191) / 8192);
    int num_lines = 0;
    for (const auto& object : objects) num_lines += std::stoi(object["stdout"].get<std::string>());
    CHECK(num_lines == 10'000);
    CHECK(line.run({"map", "--pipe", "4", "--", "wc", "-c"}, "123456\n1\n22\n4444444").out == "7\n2\n3\n7\n");
}

TEST_CASE("cli, map: what would be submitted can be seen without submitting it") {
    CommandLine line;
    const Chain chain;
    SECTION("to a batch system") {
        line.use_dummy_queue();
        const Ran ran =
            line.run({"map", "--dry-run", "--num-chunks", "2", "--memory", "1G", "--", "echo"}, lines(5));
        CHECK(ran.exit_code == 0);
        CHECK_THAT(ran.out, Catch::StartsWith("# 5 tasks in 2 chunks") && Catch::Contains("dummy_qsub ") &&
                                Catch::Contains(" -t 1-2") && Catch::Contains("h_vmem=") &&
                                Catch::Contains("# worker_launcher.sh\n#!/bin/sh"));
        CHECK(chain.queue().state().jobs.empty());
    }
    SECTION("to the local cores") {
        CHECK_THAT(line.run({"map", "--dry-run", "--", "echo"}, lines(5)).out,
                   Catch::Contains("/worker_launcher.sh 0 1\n"));
    }
    CHECK(line.work_dirs().empty());
}

TEST_CASE("cli, logs: what a command printed for a task is shown, be it failed or not") {
    const CommandLine line;
    static_cast<void>(
        line.run({"map", "--num-chunks", "1", "--", "sh", "-c", "echo out $0; echo err $0 >&2; exit $0"},
                 "0\n1\n0\n"));
    const std::string work_dir = line.work_dirs().at(0).native();
    const Ran well = line.run({"logs", "0", work_dir});
    CHECK(well.exit_code == 0);
    CHECK(well.out == "out 0\n");
    CHECK_THAT(well.err, Catch::StartsWith("qmr: task 0 (0) is in chunk 0\n") && Catch::EndsWith("err 0\n"));
    const Ran failed = line.run({"logs", "1", work_dir, "--stderr"});
    CHECK(failed.out.empty());
    CHECK_THAT(failed.err, Catch::EndsWith("err 1\n"));
    CHECK_THAT(line.run({"explain", "1", work_dir}).out,
               Catch::Contains("exit code 1") && Catch::Contains("qmr retry --failed " + work_dir));
}
