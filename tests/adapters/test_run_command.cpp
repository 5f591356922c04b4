#include <sys/wait.h>

#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <iterator>
#include <string>
#include <vector>

#include "adapters/record_files.hpp"
#include "adapters/subprocess.hpp"
#include "ground/environment_variable.hpp"
#include "qmr/error.hpp"
#include "temporary_directory.hpp"
#include "wait_until.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {

using Words = std::vector<std::string>;

CommandResult shell(const std::string& script, std::chrono::duration<double> time_limit = patience) {
    return run_command({"/bin/sh", "-c", script}, time_limit);
}

auto num_descriptors() {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
}

}  // namespace

TEST_CASE("a program is given its arguments as they are") {
    const Words arguments{"",  "a b", "'",      "\"", "\\",    "$HOME", "`id`",
                          "*", "\n",  "--help", "-",  "é\xFF", "a\\nb", ""};
    Words command{"/usr/bin/printf", "%s\\0"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    std::string expected;
    for (const std::string& argument : arguments) expected += argument + '\0';
    CHECK((run_command(command, patience).out == expected));
}

TEST_CASE("a program without arguments is given none") {
    CHECK(run_command({"/bin/echo"}, patience).out == "\n");
}

TEST_CASE("what a program prints to stdout and to stderr is kept apart") {
    const CommandResult result = shell("echo out; echo err >&2; printf 'no newline'");
    CHECK(result.out == "out\nno newline");
    CHECK(result.err == "err\n");
    CHECK_FALSE(result.timed_out);
    CHECK(result.took < patience);
}

TEST_CASE("a program that prints much to both at once is not held up") {
    const CommandResult result = shell(
        "i=0; while [ $i -lt 40 ]; do head -c 60000 /dev/zero; head -c 60000 /dev/zero >&2; i=$((i + 1)); "
        "done");
    CHECK(result.out.size() == 40 * 60'000);
    CHECK(result.err.size() == 40 * 60'000);
}

TEST_CASE("a program that prints all of its errors first is not held up") {
    const CommandResult result = shell("head -c 2000000 /dev/zero >&2; head -c 2000000 /dev/zero");
    CHECK(result.out.size() == 2'000'000);
    CHECK(result.err.size() == 2'000'000);
}

TEST_CASE("a program has an empty standard input") {
    CHECK(shell("cat; echo end").out == "end\n");
}

TEST_CASE("how a program ended is told") {
    CHECK(shell("exit 0").status.exit_code == 0);
    CHECK(shell("exit 3").status.exit_code == 3);
    CHECK(shell("exit 255").status.exit_code == 255);
    CHECK(shell("exit 3").status.signal == 0);
    CHECK(shell("kill -TERM $$").status.signal == SIGTERM);
    CHECK(shell("kill -KILL $$").status.signal == SIGKILL);
    CHECK_FALSE(shell("kill -KILL $$").timed_out);
}

TEST_CASE("the end of a program is described for people") {
    CHECK(describe({0, 0}) == "exit code 0");
    CHECK(describe({3, 0}) == "exit code 3");
    CHECK(describe({0, SIGSEGV}) == "killed by signal 11 (Segmentation fault)");
}

TEST_CASE("a program that can not be started is named") {
    const TemporaryDirectory directory;
    write_file(directory / "text", "no program");
    CHECK_THROWS_AS(run_command({"/nowhere/program"}, patience), qmr::Error);
    CHECK_THROWS_WITH(run_command({"/nowhere/program"}, patience),
                      "cannot start /nowhere/program: No such file or directory");
    CHECK_THROWS_WITH(run_command({(directory / "text").native()}, patience),
                      "cannot start " + (directory / "text").native() + ": Permission denied");
    CHECK_THROWS_WITH(run_command({"/tmp"}, patience), Catch::StartsWith("cannot start /tmp: "));
}

TEST_CASE("programs leave no descriptors open and no children behind, whether they could be started or not") {
    const auto num_before = num_descriptors();
    for (int i = 0; i < 20; ++i) {
        CHECK_THROWS(run_command({"/nowhere/program"}, patience));
        static_cast<void>(run_command({"/bin/true"}, patience));
    }
    CHECK(num_descriptors() == num_before);
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
}

TEST_CASE("a program has the environment and the directory of this process") {
    const EnvironmentVariable variable("QMR_TEST_INHERITED", "a\nb");
    CHECK(shell("printf %s \"$QMR_TEST_INHERITED\"").out == "a\nb");
    CHECK(shell("test . -ef /proc/$PPID/cwd").status.exit_code == 0);
}

TEST_CASE("a program gets the environment that is given, and else that of this process") {
    const EnvironmentVariable variable("QMR_T_RUN", "of this process");
    CHECK(run_command({"/usr/bin/env"}, std::chrono::seconds(10)).out.find("QMR_T_RUN=of this process\n") !=
          std::string::npos);
    const std::vector<std::string> environment{"A=1", "QMR_T_RUN=two\nlines"};
    CHECK(run_command({"/usr/bin/env"}, std::chrono::seconds(10), -1, &environment).out ==
          "A=1\nQMR_T_RUN=two\nlines\n");
    const std::vector<std::string> nothing;
    CHECK(run_command({"/usr/bin/env"}, std::chrono::seconds(10), -1, &nothing).out.empty());
}

TEST_CASE("the last line of a text that says something is found") {
    CHECK(last_line("").empty());
    CHECK(last_line(" \n\t\r\n").empty());
    CHECK(last_line("one") == "one");
    CHECK(last_line("one\n  two \r\n\n") == "two");
    CHECK(last_line("\n\none\n") == "one");
    CHECK(last_line("a b\nc  d") == "c  d");
}

TEST_CASE("a program is found in the path by its name, or where it is said to be") {
    const TemporaryDirectory directory;
    write_file(directory / "program", "#!/bin/sh\n", 0700);
    write_file(directory / "text", "no program");
    const EnvironmentVariable path("PATH", "/nowhere:" + directory.path().native() + ":/bin");
    CHECK(find_program("program") == (directory / "program").native());
    CHECK(find_program((directory / "program").native()) == (directory / "program").native());
    CHECK(find_program("text") == std::nullopt);
    CHECK(find_program((directory / "text").native()) == std::nullopt);
    CHECK(find_program("no_such_program") == std::nullopt);
    CHECK(find_program("/nowhere/program") == std::nullopt);
}

TEST_CASE("a directory is no program") {
    const TemporaryDirectory directory;
    CHECK(find_program(directory.path().native()) == std::nullopt);
    const EnvironmentVariable path("PATH", "/");
    CHECK(find_program("tmp") == std::nullopt);
}
