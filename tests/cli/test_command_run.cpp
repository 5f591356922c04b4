// One command: how it ends, what it reads and what it prints.

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <qmr/error.hpp>
#include <string>

#include "cli/command_run.hpp"
#include "cli/descriptor.hpp"
#include "file_size_limit.hpp"
#include "other_processes.hpp"
#include "temporary_directory.hpp"
#include "vocabulary/atomic_file.hpp"

using namespace qmr::cli;
using namespace qmr::test;
using qmr::detail::read_file;
using Kind = CommandEnd::Kind;

namespace {

CommandEnd shell(const std::string& script, std::string_view in = {}, const CommandLimits& limits = {}) {
    return run_command({"/bin/sh", "-c", script}, in, limits);
}

/// Bytes without a pattern that a lost or doubled block would leave as it is.
std::string many_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 1;
    for (char& byte : bytes) {
        state = state * 1664525 + 1013904223;
        byte = static_cast<char>(state >> 24U);
    }
    return bytes;
}

CommandLimits files_in(const TemporaryDirectory& directory, std::size_t max_in_memory) {
    CommandLimits limits;
    limits.kept.max_in_memory = max_in_memory;
    limits.kept.file_for = [&directory](const char* stream) {
        return std::filesystem::path((directory / stream).native());
    };
    return limits;
}

void write_program(const boost::filesystem::path& path, const std::string& text, mode_t mode) {
    std::ofstream(path.native()) << text;
    REQUIRE(::chmod(path.c_str(), mode) == 0);
}

}  // namespace

TEST_CASE("cli: a command ends with an exit code") {
    const CommandEnd end = shell("exit 7");
    CHECK(end.kind == Kind::exited);
    CHECK(end.exit_code == 7);
    CHECK(end.signal == 0);
    CHECK(end.seconds.count() > 0);
    CHECK(end.seconds.count() < 30);
    CHECK(end.out.text.empty());
    CHECK(end.err.size == 0);
}

TEST_CASE("cli: a command ends by a signal") {
    const CommandEnd end = shell("kill -USR1 $$");
    CHECK(end.kind == Kind::killed_by_signal);
    CHECK(end.signal == SIGUSR1);
}

TEST_CASE("cli: what a command prints is kept apart for each stream, whatever bytes it is") {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
    const CommandEnd end = shell("cat; printf 'a\\0\\377' >&2", bytes);
    CHECK(end.out.text == bytes);
    CHECK(end.out.size == 256);
    CHECK(end.err.text == std::string("a\0\377", 3));
    CHECK(end.err.file.empty());
}

TEST_CASE("cli: what is too much for memory goes to a file, both streams at once") {
    const TemporaryDirectory directory;
    const std::string bytes = many_bytes(3'000'000);
    const CommandEnd end = shell("tee /dev/stderr", bytes, files_in(directory, 10'000));
    for (const Printed& printed : {end.out, end.err}) {
        CHECK(printed.text.empty());
        CHECK(printed.size == bytes.size());
        CHECK((read_file(printed.file.native()) == bytes));
        struct stat status {};
        CHECK(::stat(printed.file.c_str(), &status) == 0);
        CHECK((status.st_mode & 0777) == 0600);
    }
    CHECK(end.out.file == (directory / "stdout").native());
    CHECK(end.err.file == (directory / "stderr").native());
}

TEST_CASE("cli: what just fits stays in memory") {
    const TemporaryDirectory directory;
    const auto limits = files_in(directory, 70'000);
    const CommandEnd fits = run_command({"head", "-c", "70000", "/dev/zero"}, {}, limits);
    CHECK((fits.out.text == std::string(70'000, '\0')));
    CHECK(fits.out.file.empty());
    CHECK(directory.num_entries() == 0);
    const CommandEnd too_much = run_command({"head", "-c", "70001", "/dev/zero"}, {}, limits);
    CHECK(too_much.out.text.empty());
    CHECK(too_much.out.size == 70'001);
    CHECK((read_file(too_much.out.file.native()) == std::string(70'001, '\0')));
    CHECK(directory.num_entries() == 1);
}

TEST_CASE("cli: without a place for files all is kept in memory") {
    CommandLimits limits;
    limits.kept.max_in_memory = 10;
    CHECK(run_command({"echo", "more than ten bytes"}, {}, limits).out.text == "more than ten bytes\n");
}

TEST_CASE("cli: a command can read as much as it likes") {
    const std::string bytes = many_bytes(5'000'000);
    CHECK((run_command({"cat"}, bytes, {}).out.text == bytes));
}

TEST_CASE("cli: a command need not read") {
    const std::string script = GENERATE("exit 3", "exec <&-; sleep 0.1; exit 3", "head -c 1; exit 3");
    CHECK(shell(script, many_bytes(5'000'000)).exit_code == 3);
}

TEST_CASE("cli: a command that has nothing to read is at the end of its input") {
    const CommandEnd end = run_command({"cat"}, {}, {});
    CHECK(end.kind == Kind::exited);
    CHECK(end.exit_code == 0);
}

TEST_CASE("cli: a command that is not there is not started") {
    const CommandEnd end = run_command({"no_such_directory/program"}, {}, {});
    CHECK(end.kind == Kind::not_started);
    CHECK(end.why_not_started == "cannot start no_such_directory/program: No such file or directory");
    CHECK(run_command({"no_such_program_of_qmr"}, {}, {}).kind == Kind::not_started);
}

TEST_CASE("cli: a command that may not be executed is not started") {
    const TemporaryDirectory directory;
    write_program(directory / "program", "#!/bin/sh\n", 0600);
    const std::string path = (directory / "program").native();
    const CommandEnd end = run_command({path}, {}, {});
    CHECK(end.kind == Kind::not_started);
    CHECK(end.why_not_started == "cannot start " + path + ": Permission denied");
}

TEST_CASE("cli: a program that somebody still writes is waited for, and is no fault of the command") {
    const TemporaryDirectory directory;
    const std::string path = (directory / "program").native();
    std::filesystem::copy_file("/bin/echo", path);
    Descriptor writer(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    CommandLimits limits;
    limits.patience = qmr::Seconds{0};
    CommandEnd end = run_command({path}, {}, limits);
    CHECK(end.kind == Kind::not_started);
    CHECK(end.is_fault_of_worker);
    limits.patience = qmr::Seconds{3600};
    limits.is_to_stop = [&writer] {
        static_cast<void>(writer.reset());
        return false;
    };
    end = run_command({path}, {}, limits);
    CHECK(end.kind == Kind::exited);
    CHECK(end.exit_code == 0);
    CHECK_FALSE(run_command({"no_such_program_of_qmr"}, {}, {}).is_fault_of_worker);
}

TEST_CASE("cli: a command with an argument that is too long is not started") {
    const CommandEnd end = run_command({"echo", std::string(200'000, 'x')}, {}, {});
    CHECK(end.kind == Kind::not_started);
    CHECK(end.why_not_started == "cannot start echo: Argument list too long");
}

TEST_CASE("cli: a script that does not say what runs it is run by the shell") {
    const TemporaryDirectory directory;
    write_program(directory / "program", "echo \"$1\"\n", 0700);
    CHECK(run_command({(directory / "program").native(), "one  word"}, {}, {}).out.text == "one  word\n");
}

TEST_CASE("cli: no command is made of what is none") {
    CHECK_THROWS_AS(run_command({}, {}, {}), qmr::BadInput);
    CHECK_THROWS_WITH(run_command({"echo", std::string("a\0b", 3)}, {}, {}), Catch::Contains("NUL byte"));
}

TEST_CASE("cli: output that can not be kept is an error, and ends the command with all it has started") {
    const NamedPipe pipe;
    const TemporaryDirectory directory;
    auto limits = files_in(directory, 10'000);
    limits.kept.file_for = [&directory](const char*) {
        return std::filesystem::path((directory / "missing/out").native());
    };
    CHECK_THROWS_WITH(shell("exec 3>'" + pipe.path() + "'; sleep 3600 & cat /dev/zero", {}, limits),
                      Catch::Contains((directory / "missing/out").native() + ": No such file or directory"));
    CHECK(pipe.wait_until_all_have_closed_it());
}

TEST_CASE("cli: output that no longer finds room is an error, and none of it is left") {
    const TemporaryDirectory directory;
    const std::string script = "head -c 200000 /dev/zero >&2; cat /dev/zero";
    {
        const FileSizeLimit limit(1'000'000);
        CHECK_THROWS_WITH(shell(script, {}, files_in(directory, 10'000)),
                          Catch::Contains((directory / "stdout").native() + ": File too large"));
    }
    CHECK(directory.num_entries() == 0);
}

TEST_CASE("cli: output of which the last byte finds no room is an error") {
    const TemporaryDirectory directory;
    const FileSizeLimit limit(1'000'000);
    CHECK_THROWS_AS(run_command({"head", "-c", "1000001", "/dev/zero"}, {}, files_in(directory, 10'000)),
                    qmr::Error);
}

TEST_CASE("cli: what is in a pipe when a command ends is not lost") {
    const TemporaryDirectory directory;
    auto limits = files_in(directory, 10);
    limits.kept.file_for = [&](const char* stream) {
        siginfo_t ended{};
        CHECK(::waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT) == 0);
        return std::filesystem::path((directory / stream).native());
    };
    // 1031 is F_SETPIPE_SZ: a pipe that holds more than is read at once.
    const std::string script =
        "alarm 20; for (STDOUT, STDERR) { fcntl($_, 1031, 1 << 20); print $_ 'x' x 500000 }";
    const CommandEnd end = run_command({"perl", "-e", script}, {}, limits);
    CHECK(end.exit_code == 0);
    CHECK(end.out.size == 500'000);
    CHECK(end.err.size == 500'000);
}

TEST_CASE("cli: a file that is already there is left as it is") {
    const TemporaryDirectory directory;
    std::ofstream((directory / "stdout").native()) << "precious";
    CHECK_THROWS_AS(run_command({"head", "-c", "10001", "/dev/zero"}, {}, files_in(directory, 10'000)),
                    qmr::Error);
    CHECK(read_file(directory / "stdout") == "precious");
}

TEST_CASE("cli: it is known how much memory a command needed") {
    rusage own{};
    ::getrusage(RUSAGE_SELF, &own);
    const auto own_peak = static_cast<std::uint64_t>(own.ru_maxrss) * 1024;
    const std::uint64_t block = 200 << 20;
    const CommandEnd end =
        run_command({"dd", "if=/dev/zero", "of=/dev/null", "bs=" + std::to_string(block), "count=1"}, {}, {});
    CHECK(end.exit_code == 0);
    CHECK(end.peak_memory >= block);
    CHECK(end.peak_memory < block + own_peak + (50 << 20));
    CHECK(run_command({"true"}, {}, {}).peak_memory > 100'000);
}
