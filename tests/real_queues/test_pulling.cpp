// Queue jobs that take chunks by themselves, on a real batch system.

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "real_queues/cluster.hpp"

using namespace qmr;
using namespace qmr::test;
using detail::JobState;

namespace {

std::int64_t square_after_a_moment(std::int64_t x) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return x * x;
}

// Kills its worker, once for each directory.
std::int64_t kill_worker_of_one_task(std::int64_t x, const std::string& directory) {
    const auto mark = std::filesystem::path(directory) / "killed";
    if (x == 5 && !std::filesystem::exists(mark)) {
        std::ofstream(mark).close();
        ::kill(::getppid(), SIGKILL);
        ::kill(::getpid(), SIGKILL);
    }
    return x * x;
}

PoolOptions two_that_pull(const UserDirectory& directory) {
    auto options = directory.options(Jobs::pull);
    options.max_num_running = 2;
    return options;
}

}  // namespace

TEST_CASE("real: two queue jobs pull many chunks, and each chunk is computed once") {
    const UserDirectory directory;
    check_as_user(directory,
                  [&] { return not_squares(Pool(two_that_pull(directory)).map(square, numbers(300)), 300); });
    CHECK(directory.num_events({"\"committed\""}) == 300);
    CHECK(directory.num_events({"\"submit\""}) == 1);
    CHECK(directory.num_events({"\"resubmit\""}) + directory.num_events({"\"free\""}) == 0);
}

TEST_CASE("real: queue jobs that wait for nothing that is left are deleted") {
    const UserDirectory directory;
    check_as_user(directory, [&] {
        return not_squares(Pool(directory.options(Jobs::pull)).map(square, numbers(300)), 300);
    });
    CHECK(directory.num_events({"\"committed\""}) == 300);
    CHECK(directory.num_events({"\"submit\""}) == 1);
}

TEST_CASE("real: slots are given back, and others take what is left") {
    const UserDirectory directory;
    check_as_user(directory, [&] {
        auto options = two_that_pull(directory);
        options.max_job_time = Seconds{0.5};
        return not_squares(Pool(options).map(square_after_a_moment, numbers(40)), 40);
    });
    // 4 s of work in pieces of a half or a little more.
    const std::size_t num_submissions = directory.num_events({"\"submit\""});
    CHECK(num_submissions >= 3);
    CHECK(num_submissions <= 10);
    CHECK(directory.num_events({"\"resubmit\""}) == 0);
}

TEST_CASE("real: what a queue job had claimed that was killed is computed by others") {
    const UserDirectory directory;
    check_as_user(directory, [&] {
        const std::vector<std::string> where(30, directory.path().native());
        return not_squares(Pool(two_that_pull(directory)).map(kill_worker_of_one_task, numbers(30), where),
                           30);
    });
    CHECK(directory.num_events({"\"free\"", "\"ichunk\":5"}) == 1);
    CHECK(directory.num_events({"\"resubmit\"", "\"ichunk\":5"}) == 1);
    CHECK(directory.num_events({"\"committed\""}) == 30);
}

TEST_CASE("real: a queue job that pulls is deleted by an administrator, and others take over") {
    const UserDirectory directory;
    UserProcess process(directory, [&] {
        const std::vector<std::string> where(6, directory.path().native());
        return not_squares(Pool(two_that_pull(directory)).map(square_when_told, numbers(6), where), 6);
    });
    REQUIRE(becomes_true([] { return num_in_state(JobState::running) == 2; }));
    REQUIRE(becomes_true([&] { return !directory.text("begun.0").empty(); }));
    delete_one_that_runs();
    REQUIRE(becomes_true([&] { return directory.num_events({"\"submit\""}) == 2; }));
    directory.touch("go");
    const std::string outcome = process.outcome();
    INFO(directory.text("stderr"));
    CHECK(outcome == "");
    check_that_queue_is_empty();
}

TEST_CASE("real: Ctrl-C leaves the queue as it was, also where queue jobs pull") {
    const UserDirectory directory;
    UserProcess process(directory, [&] {
        const std::vector<std::string> where(50, directory.path().native());
        return not_squares(Pool(directory.options(Jobs::pull)).map(square_when_told, numbers(50), where), 50);
    });
    REQUIRE(becomes_true([&] { return num_in_state(JobState::running) > 1; }));
    ::kill(process.pid(), SIGINT);
    CHECK(process.outcome() == "ended by signal 2");
    check_that_queue_is_empty();
}
