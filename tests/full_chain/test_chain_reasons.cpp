// Why queue jobs died, or wait, is told in the words of the batch system.

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cereal/types/string.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <ranges>
#include <thread>

#include "full_chain/chain.hpp"
#include "full_chain/in_process.hpp"
#include "wait_until.hpp"

using namespace qmr;
using namespace qmr::test;
using dummy_queue::Fault;
using dummy_queue::FaultKind;

namespace {

PoolOptions asking(const Chain& chain) {
    auto options = chain.options();
    options.qacct_path = dummy_queue::DummyQueue::qacct_path().native();
    options.max_num_resubmissions = 0;
    options.max_num_retries.out_of_memory = 0;
    options.max_num_retries.out_of_time = 0;
    return options;
}

std::int64_t wait_forever(std::int64_t) {
    while (true) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

std::int64_t begin_and_wait(std::int64_t x, const std::string& mark) {
    std::ofstream(mark) << "begun";
    return wait_forever(x);
}

/// Of a queue job that does not end by itself.
TaskFailure failure_of(const PoolOptions& options) {
    const auto results = Pool(options).try_map(wait_forever, std::vector<std::int64_t>{3});
    REQUIRE_FALSE(results.at(0).has_value());
    return results[0].error();
}

/// The program of accounting, which does something else when it is asked for the first time.
std::string qacct_that_at_first(const Chain& chain, const std::string& does) {
    const std::string path = (chain.directory() / "qacct").native();
    std::ofstream(path) << "#!/bin/sh\n"
                        << "mkdir '" << chain.directory().native() << "/asked' 2> /dev/null || exec '"
                        << dummy_queue::DummyQueue::qacct_path().native() << "' \"$@\"\n"
                        << does << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
}

std::int64_t kill_process(std::int64_t x) {
    ::kill(::getpid(), SIGKILL);
    return x;
}

}  // namespace

TEST_CASE("chain: the reason of an error state is told with the tasks that failed, in arrays and outside") {
    const Chain chain({{.kind = FaultKind::evil}});
    auto options = asking(chain);
    options.arrays = GENERATE(true, false);
    const TaskFailure failure = failure_of(options);
    CHECK(failure.cause == Cause::error_state);
    CHECK(failure.message == "its queue job went to the error state: the state file says so");
}

TEST_CASE("chain: a kill for walltime is named, with the limit") {
    const Chain chain({{.kind = FaultKind::killed_by_limit, .limit = "h_rt"}});
    auto options = asking(chain);
    options.resources.walltime = std::chrono::seconds(90);
    const TaskFailure failure = failure_of(options);
    CHECK(failure.cause == Cause::out_of_time);
    CHECK_THAT(failure.message, Catch::Contains("longer than h_rt, 90 s"));
}

TEST_CASE("chain: a kill for memory is named, with the limit") {
    const Chain chain({{.kind = FaultKind::killed_by_limit, .limit = "h_vmem"}});
    auto options = asking(chain);
    options.resources.memory = 200'000'000;
    const TaskFailure failure = failure_of(options);
    CHECK(failure.cause == Cause::out_of_memory);
    CHECK_THAT(failure.message, Catch::Contains("more memory than h_vmem, 200 MB"));
}

TEST_CASE("chain: a kill for memory is named also when accounting tells of it late") {
    const Chain chain({{.kind = FaultKind::killed_by_limit, .limit = "h_vmem"}});
    auto options = asking(chain);
    options.resources.memory = 200'000'000;
    options.qacct_path = qacct_that_at_first(chain, "echo \"error: job id $2 not found\" >&2; exit 1");
    const TaskFailure failure = failure_of(options);
    CHECK(failure.cause == Cause::out_of_memory);
    CHECK_THAT(failure.message, Catch::Contains("more memory than h_vmem, 200 MB"));
}

TEST_CASE("chain: a kill for walltime is named also when accounting did not answer the first question") {
    // The worker sees its task killed, so that nothing but the explanation is waited for.
    const TemporaryDirectory directory;
    const std::string begun = directory.path().native() + "/begun";
    const Chain chain(
        {{.kind = FaultKind::killed_by_limit, .after_file = begun, .order = "leaf_only", .limit = "h_rt"}});
    auto options = asking(chain);
    options.resources.walltime = std::chrono::seconds(90);
    options.file_system_latency = Seconds{60};
    SECTION("in time") {
        options.command_time_limit = Seconds{1};
        options.qacct_path = qacct_that_at_first(chain, "exec sleep 3600");
    }
    SECTION("since it was killed") {
        options.qacct_path = qacct_that_at_first(chain, "kill -KILL $$");
    }
    const auto results =
        Pool(options).try_map(begin_and_wait, std::vector<std::int64_t>{3}, std::vector<std::string>{begun});
    REQUIRE_FALSE(results.at(0).has_value());
    CHECK(results[0].error().cause == Cause::out_of_time);
    CHECK_THAT(results[0].error().message, Catch::Contains("longer than h_rt, 90 s"));
    const std::string log = chain.text_of("log.jsonl");
    const std::string told = "cannot be asked now how queue jobs ended";
    const auto first = log.find(told);
    CHECK(first != std::string::npos);
    CHECK(log.find(told, first + 1) == std::string::npos);
}

TEST_CASE("chain: a map goes on when a program of the batch system cannot be started for a while") {
    const Chain chain;
    auto options = chain.options();
    // As on a file server that is away: the program is not there until somebody asks for it in vain.
    const std::string qstat = (chain.directory() / "qstat").native();
    const std::string gone = (chain.directory() / "gone").native();
    std::ofstream(qstat) << "#!/bin/sh\n"
                         << dummy_queue::DummyQueue::qstat_path().native() << " \"$@\"\n"
                         << "mkdir '" << chain.directory().native() << "/once' 2> /dev/null && mv '" << qstat
                         << "' '" << gone << "'\n";
    std::filesystem::permissions(qstat, std::filesystem::perms::owner_all);
    options.qstat_path = qstat;
    InProcess caller([&] { return Pool(options).map(square, numbers(3)) == squares(3) ? 0 : 1; });
    wait_until([&] { return chain.text_of("log.jsonl").find("cannot start " + qstat) != std::string::npos; });
    std::filesystem::rename(gone, qstat);
    CHECK(caller.exit_code() == 0);
}

TEST_CASE(
    "chain: a task that is killed is told with what the worker saw, once accounting has no better word") {
    const Chain chain;
    const auto results = Pool(asking(chain)).try_map(kill_process, std::vector<std::int64_t>{3});
    REQUIRE_FALSE(results.at(0).has_value());
    CHECK(results[0].error().cause == Cause::crash);
    CHECK_THAT(results[0].error().message,
               Catch::StartsWith("killed by signal 9 (Killed) while task 0 ran, "));
}

TEST_CASE("chain: a resubmission is told on stderr, once for each kind") {
    const Chain chain({{.kind = FaultKind::evil, .max_num_fails = 4}});
    const std::string said = (chain.directory() / "stderr").native();
    InProcess caller([&] {
        const int file = ::open(said.c_str(), O_WRONLY | O_CREAT, 0600);
        ::dup2(file, STDERR_FILENO);
        auto options = chain.options();
        options.progress = Progress::lines;
        static_cast<void>(Pool(options).map(square, numbers(6)));
        return 0;
    });
    CHECK(caller.exit_code() == 0);
    const std::string text = text_of(said);
    const std::string told =
        "its queue job went to the error state: the state file says so; submitted again, ";
    const auto first = text.find(told);
    REQUIRE(first != std::string::npos);
    CHECK(text.find(told, first + 1) == std::string::npos);
    CHECK(chain.num_events("\"resubmit\"") == 4);
}

TEST_CASE("chain: what a queue job printed because its worker could not begin is told") {
    const Chain chain;
    const std::filesystem::path gone = chain.directory() / "gone";
    std::filesystem::create_directory(gone);
    InProcess caller([&] {
        std::filesystem::current_path(gone);
        auto options = asking(chain);
        const qmr::Pool pool(options);
        // The launcher remembers the directory, which is not there any more when it begins.
        const std::string told =
            pool.try_map(square, std::views::iota(3, 4) | std::views::transform([&](int x) {
                                     std::filesystem::current_path("/");
                                     std::filesystem::remove(gone);
                                     return std::int64_t{x};
                                 }))
                .at(0)
                .error()
                .message;
        const std::string reason = "cd: can't cd to " + gone.native();
        const auto first = told.find(reason);
        const bool is_told_once =
            first != std::string::npos && told.find(reason, first + 1) == std::string::npos;
        return is_told_once ? 0 : 1;
    });
    CHECK(caller.exit_code() == 0);
}

TEST_CASE("chain: when no queue job runs for a while, it is told why") {
    const Chain chain;
    InProcess caller([&] {
        auto options = chain.options();
        options.pending_notice = Seconds{0.1};
        options.resources.submit_arguments = {"-h"};
        static_cast<void>(Pool(options).map(square, numbers(3)));
        return 1;
    });
    while (chain.text_of("log.jsonl").find("no queue job runs, 0 wait and 3 are held") == std::string::npos)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ::kill(caller.pid(), SIGTERM);
    CHECK(caller.ended_by() == SIGTERM);
    CHECK(chain.queue().num_tasks_left() == 0);
}
