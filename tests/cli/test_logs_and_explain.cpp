#include <catch2/catch.hpp>
#include <csignal>
#include <iostream>

#include "cli/command.hpp"
#include "full_chain/resumed.hpp"

using namespace qmr;
using namespace qmr::test;
using dummy_queue::FaultKind;

namespace {

std::int64_t prints(std::int64_t x) {
    std::cout << "out " << x << '\n';
    std::cerr << "err " << x << '\n';
    if (x == 4) throw std::runtime_error("no such event");
    if (x == 7) std::abort();
    return x * x;
}

std::int64_t prints_and_kills_its_worker(std::int64_t x) {
    std::cout << "out " << x << std::endl;
    ::kill(::getpid(), SIGKILL);
    return x;
}

}  // namespace

TEST_CASE("cli: qmr logs gives what the chunk of a task printed, each stream to its own") {
    const Chain chain;
    auto options = chain.options(GENERATE(Jobs::one_per_chunk, Jobs::pull));
    options.num_chunks = 3;
    static_cast<void>(Pool(options).try_map(prints, numbers(6)));
    const std::string work_dir = chain.work_dir().native();
    Said said = run_command({"logs", "3", work_dir});
    CHECK(said.exit_code == 0);
    CHECK(said.out == "out 2\nout 3\n");
    CHECK_THAT(said.err,
               Catch::StartsWith(
                   "qmr: task 3 is in chunk 1; what follows is of its tasks 2 to 3\n  1. queue job 1") &&
                   Catch::Contains("made the results\n") && Catch::EndsWith("\nerr 2\nerr 3\n"));
    said = run_command({"logs", "3", work_dir, "--stdout"});
    CHECK(said.out == "out 2\nout 3\n");
    CHECK_THAT(said.err, !Catch::Contains("err 2"));
    said = run_command({"logs", "3", work_dir, "--stderr"});
    CHECK(said.out.empty());
    CHECK_THAT(said.err, Catch::EndsWith("\nerr 2\nerr 3\n"));
    CHECK(run_command({"logs", "3", work_dir, "--stderr", "--stdout"}).exit_code == 2);
    CHECK(run_command({"logs", "6", work_dir}).exit_code == 2);
    CHECK(run_command({"logs", "-1", work_dir}).exit_code == 2);
}

TEST_CASE("cli: of a chunk that was given up, qmr logs gives what the last attempt printed") {
    const Chain chain;
    auto options = chain.options();
    options.num_chunks = 1;
    options.max_num_resubmissions = 1;
    static_cast<void>(Pool(options).try_map(prints_and_kills_its_worker, numbers(1)));
    const Said said = run_command({"logs", "0", chain.work_dir().native()});
    CHECK(said.out == "out 0\n");
    CHECK_THAT(said.err, Catch::Contains("  1. queue job 1 on ") || Catch::Contains("  1. queue job 1, on "));
    CHECK_THAT(said.err, Catch::Contains("  2. queue job 2"));
}

TEST_CASE("cli: qmr explain tells why a task failed, and what to do") {
    const Chain chain;
    auto options = chain.options();
    options.num_chunks = 5;
    static_cast<void>(Pool(options).try_map(prints, numbers(10)));
    const std::string work_dir = chain.work_dir().native();
    Said said = run_command({"explain", "4", work_dir});
    CHECK(said.exit_code == 0);
    CHECK_THAT(said.out, Catch::StartsWith("Task 4 failed (exception) on ") &&
                             Catch::Contains(
                                 ": std::runtime_error: no such event.\nIt is in chunk 2, with tasks 4 to 5, "
                                 "which has its results.\nAttempts on the chunk:\n  1. queue job 1.3, on ") &&
                             Catch::Contains("What was printed to stderr last:\n  err 4\n") &&
                             Catch::Contains("\nNext: Nothing more is tried. Its function threw, or"));
    said = run_command({"explain", "7", work_dir});
    CHECK_THAT(said.out,
               Catch::StartsWith("Task 7 failed (crash)") && Catch::Contains("It was tried 2 times:\n"));
    said = run_command({"explain", "5", work_dir});
    CHECK_THAT(said.out, Catch::StartsWith("Task 5 has its value.\n") &&
                             Catch::EndsWith("Next: Nothing: it has its value.\n"));
}

TEST_CASE("cli: qmr explain tells of queue jobs in error state, and how to go on") {
    const Chain chain({{.kind = FaultKind::evil}});
    auto options = chain.options();
    options.num_chunks = 1;
    options.max_num_resubmissions = 1;
    static_cast<void>(Pool(options).try_map(square, numbers(2)));
    const Said said = run_command({"explain", "0", chain.work_dir().native()});
    CHECK_THAT(
        said.out,
        Catch::StartsWith("Task 0 failed (error_state): ") && Catch::Contains("which was given up.\n") &&
            Catch::Contains("  1. queue job 1, until ") && Catch::Contains("failed (error_state): ") &&
            Catch::Contains("; submitted again, 1 of 1\n") && Catch::Contains("  2. queue job 2, until ") &&
            Catch::Contains(
                "then go on with the map, which tries it again: the same command with QMR_RESUME=" +
                chain.work_dir().native()));
}

TEST_CASE("cli: qmr explain tells of a map that nobody works on how to go on") {
    const Resumed map(all_sites[3], 20);
    InProcess caller([&] { return map.is_right() ? 0 : 1; });
    while (!std::filesystem::exists(map.chain().work_dir() / "000000000.out"))
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    ::kill(caller.pid(), SIGKILL);
    CHECK(caller.ended_by() == SIGKILL);
    const Said said = run_command({"explain", "29", map.chain().work_dir().native()});
    CHECK(said.exit_code == 0);
    CHECK_THAT(said.out, Catch::StartsWith("Task 29 waits.\n") &&
                             Catch::Contains("Next: Nobody works on the map. To go on: the same command with "
                                             "QMR_RESUME=" +
                                             map.chain().work_dir().native()));
}
