// The command qmr on a real batch system.

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "cli/app.hpp"
#include "real_queues/cluster.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

struct Ran {
    std::string exit_code;
    std::string out;
    std::string err;
};

std::string text_in(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void redirect(const std::filesystem::path& path, int flags, int to) {
    const int file = ::open(path.c_str(), flags, 0600);
    if (file < 0 || ::dup2(file, to) < 0) ::_exit(98);
}

// `qmr WORD...` as the user, in the directory.
Ran qmr_command(const UserDirectory& directory, std::vector<std::string> words, const std::string& in = {}) {
    // What the test program has not written yet is not for the command to write.
    std::cout.flush();
    std::fflush(nullptr);
    UserProcess process(directory, [&] {
        std::ofstream(directory / "in") << in;
        redirect(directory / "in", O_RDONLY, STDIN_FILENO);
        redirect(directory / "out", O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
        redirect(directory / "err", O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
        if (::chdir(directory.path().c_str()) != 0) ::_exit(99);
        ::setenv("QMR_BATCH_SYSTEM", cluster_name().c_str(), 1);
        ::setenv("QMR_FILE_SYSTEM_LATENCY", "3", 1);
        ::setenv("QMR_POLLING_INTERVAL", "0.5", 1);
        words.insert(words.begin(), "qmr");
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        const int exit_code = cli::run(static_cast<int>(words.size()), argv.data());
        std::fflush(nullptr);
        return std::to_string(exit_code);
    });
    Ran ran;
    ran.exit_code = process.outcome();
    ran.out = text_in(directory / "out");
    ran.err = text_in(directory / "err");
    return ran;
}

std::string lines(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += std::to_string(i) + '\n';
    return text;
}

}  // namespace

TEST_CASE("real: the command maps programs, and runs those that failed again") {
    const UserDirectory directory;
    const Ran failed = qmr_command(
        directory, {"map", "--work-dir", "map", "--", "sh", "-c", "echo $0; [ -e well ] || [ $0 != 7 ]"},
        lines(40));
    INFO(failed.err);
    CHECK(failed.exit_code == "1");
    CHECK(failed.out == lines(40));
    CHECK_THAT(failed.err, Catch::Contains("qmr: task 7 (7): exit code 1 on "));
    directory.touch("well");
    const Ran well = qmr_command(directory, {"retry", "--failed", "map"});
    INFO(well.err);
    CHECK(well.exit_code == "0");
    CHECK(well.out == lines(40));
    check_that_queue_is_empty();
}

TEST_CASE("real: a map of the command is detached, looked at, and waited for") {
    const UserDirectory directory;
    const Ran left = qmr_command(
        directory, {"map", "--detach", "--work-dir", "map", "--", "sh", "-c", "sleep 1; echo $0"}, lines(8));
    INFO(left.err);
    CHECK(left.exit_code == "0");
    CHECK(left.out == (directory / "map").native() + "\n");
    CHECK_FALSE(queue().empty());
    CHECK_THAT(qmr_command(directory, {"status", "map"}).out, Catch::Contains("8"));
    const Ran waited = qmr_command(directory, {"wait", "map"});
    INFO(waited.err);
    CHECK(waited.exit_code == "0");
    CHECK(waited.out == lines(8));
    check_that_queue_is_empty();
}

TEST_CASE("real: a detached map is cancelled") {
    const UserDirectory directory;
    CHECK(qmr_command(directory, {"map", "--detach", "--work-dir", "map", "--", "sleep"}, "1000\n1000\n")
              .exit_code == "0");
    const Ran cancelled = qmr_command(directory, {"cancel", "map"});
    INFO(cancelled.err);
    CHECK(cancelled.exit_code == "0");
    check_that_queue_is_empty();
}

TEST_CASE("real: the outputs of the command are reduced by queue jobs, level after level") {
    const UserDirectory directory;
    const Ran ran = qmr_command(directory,
                                {"map", "--fan-in", "5", "--keep-work-dir", "--work-dir", "map", "--reduce",
                                 "awk '{ s += $1 } END { print s }'", "--", "echo"},
                                lines(21));
    INFO(ran.err);
    CHECK(ran.exit_code == "0");
    CHECK(ran.out == "210\n");
    for (const char* level : {"map/outputs/reduction.1", "map/outputs/reduction.2"})
        CHECK_THAT(text_in(directory / level / "journal.jsonl"), Catch::Contains("JB_job_number"));
}

TEST_CASE("real: the commands of a map that is cancelled have the time to remove what they have made") {
    const UserDirectory directory;
    // Grid Engine sends nothing but SIGKILL unless it is asked for more: then SIGUSR2, to each process.
    std::vector<std::string> words{"map", "--detach", "--work-dir", "map"};
    if (is_grid_engine()) words.emplace_back("--submit-argument=-notify");
    const std::string here = directory.path().native();
    for (const std::string& word : {std::string("--"), std::string("sh"), std::string("-c"),
                                    "trap 'rm " + here + "/made.$0; exit 0' TERM USR2; touch " + here +
                                        "/made.$0; while :; do sleep 0.1; done"})
        words.push_back(word);
    CHECK(qmr_command(directory, words, "1\n2\n").exit_code == "0");
    const auto made = [&](const char* name) { return std::filesystem::exists(directory / name); };
    REQUIRE(becomes_true([&] { return made("made.1") && made("made.2"); }));
    const Ran cancelled = qmr_command(directory, {"cancel", "map"});
    INFO(cancelled.err);
    CHECK(cancelled.exit_code == "0");
    CHECK(becomes_true([&] { return !made("made.1") && !made("made.2"); }, 10));
    check_that_queue_is_empty();
}
