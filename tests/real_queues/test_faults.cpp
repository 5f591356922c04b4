// What goes wrong with single queue jobs, and what an administrator does with them.

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "real_queues/cluster.hpp"

using namespace qmr;
using namespace qmr::test;
using detail::JobState;

namespace {

std::int64_t kill_worker_once(std::int64_t x, const std::string& directory) {
    const auto mark = std::filesystem::path(directory) / ("killed." + std::to_string(x));
    if (x % 3 == 1 && !std::filesystem::exists(mark)) {
        std::ofstream(mark).close();
        ::kill(::getppid(), SIGKILL);
        ::kill(::getpid(), SIGKILL);
    }
    return x * x;
}

// What system(3) gives for a program that was ended, the first time.
std::int64_t square_after_an_end(std::int64_t x, const std::string& directory) {
    const auto mark = std::filesystem::path(directory) / ("begun." + std::to_string(x));
    if (std::filesystem::exists(mark)) return x * x;
    std::ofstream(mark) << x;
    return std::system("sleep 600");
}

void hold(const std::string& id) {
    administer(is_slurm() ? std::vector<std::string>{"scontrol", "hold", id}
                          : std::vector<std::string>{"qhold", "-h", "o", id});
}

void release(const std::string& id) {
    administer(is_slurm() ? std::vector<std::string>{"scontrol", "release", id}
                          : std::vector<std::string>{"qrls", "-h", "o", id});
}

void suspend(const std::string& id) {
    administer(is_slurm() ? std::vector<std::string>{"scontrol", "suspend", id}
                          : std::vector<std::string>{"qmod", "-sj", id});
}

void resume(const std::string& id) {
    administer(is_slurm() ? std::vector<std::string>{"scontrol", "resume", id}
                          : std::vector<std::string>{"qmod", "-usj", id});
}

}  // namespace

TEST_CASE("real: workers that are killed are replaced, by one sparse array") {
    const UserDirectory directory;
    check_as_user(directory, [&] {
        const std::vector<std::string> where(10, directory.path().native());
        return not_squares(Pool(directory.options()).map(kill_worker_once, numbers(10), where), 10);
    });
    CHECK(directory.num_events({"\"resubmit\""}) == 3);
    CHECK(directory.num_events({"\"committed\""}) == 10);
    CHECK(directory.num_events({"\"submit\""}) <= 4);
}

TEST_CASE("real: a queue job that an administrator deletes is submitted again") {
    const UserDirectory directory;
    UserProcess process(directory, [&] {
        const std::vector<std::string> where(2, directory.path().native());
        return not_squares(Pool(directory.options()).map(square_when_told, numbers(2), where), 2);
    });
    REQUIRE(becomes_true([&] { return !directory.text("begun.0").empty(); }));
    REQUIRE(becomes_true([&] { return num_in_state(JobState::running) == 2; }));
    delete_one_that_runs();
    REQUIRE(becomes_true([&] { return directory.num_events({"\"submit\""}) == 2; }));
    directory.touch("go");
    const std::string outcome = process.outcome();
    INFO(directory.text("stderr"));
    CHECK(outcome == "");
    CHECK(directory.num_events({"\"resubmit\""}) == 1);
    check_that_queue_is_empty();
}

TEST_CASE("real: what a program gave because its queue job was ended is not taken for a result") {
    const UserDirectory directory;
    UserProcess process(directory, [&] {
        auto options = directory.options(Jobs::one_per_chunk);
        options.num_chunks = 8;
        options.settling_time = PoolOptions().settling_time;
        const std::vector<std::string> where(8, directory.path().native());
        return not_squares(Pool(options).map(square_after_an_end, numbers(8), where), 8);
    });
    for (int x = 0; x < 8; ++x)
        REQUIRE(becomes_true([&] { return !directory.text("begun." + std::to_string(x)).empty(); }));
    std::vector<std::string> end{is_slurm() ? "scancel" : "qdel"};
    for (const std::string& id : ids_in_state(JobState::running)) end.push_back(id);
    administer(end);
    const std::string outcome = process.outcome();
    INFO(directory.text("stderr"));
    CHECK(outcome == "");
    check_that_queue_is_empty();
}

TEST_CASE("real: a queue job that is suspended is waited for") {
    const UserDirectory directory;
    UserProcess process(directory, [&] {
        const std::vector<std::string> where(1, directory.path().native());
        return not_squares(Pool(directory.options()).map(square_when_told, numbers(1), where), 1);
    });
    REQUIRE(becomes_true([&] { return !directory.text("begun.0").empty(); }));
    REQUIRE(becomes_true([] { return num_in_state(JobState::running) == 1; }));
    const std::string id = ids_in_state(JobState::running).front();
    suspend(id);
    CHECK(becomes_true([] { return num_in_state(JobState::suspended) == 1; }));
    directory.touch("go");
    CHECK_FALSE(becomes_true([&] { return directory.num_events({"\"committed\""}) > 0; }, 5));
    resume(id);
    CHECK(process.outcome() == "");
    CHECK(directory.num_events({"\"submit\""}) == 1);
    check_that_queue_is_empty();
}

TEST_CASE("real: a queue job that is held is waited for") {
    const UserDirectory directory;
    UserProcess process(directory, [&] {
        auto options = directory.options();
        options.max_num_running = 1;
        const std::vector<std::string> where(2, directory.path().native());
        return not_squares(Pool(options).map(square_when_told, numbers(2), where), 2);
    });
    REQUIRE(becomes_true([] { return num_in_state(JobState::pending) == 1; }));
    const std::string id = ids_in_state(JobState::pending).front();
    hold(id);
    CHECK(becomes_true([] { return num_in_state(JobState::held) == 1; }));
    directory.touch("go");
    CHECK(becomes_true([&] { return directory.num_events({"\"committed\""}) == 1; }));
    CHECK_FALSE(becomes_true([&] { return directory.num_events({"\"committed\""}) == 2; }, 5));
    release(id);
    CHECK(process.outcome() == "");
    CHECK(directory.num_events({"\"submit\""}) == 1);
    check_that_queue_is_empty();
}

TEST_CASE("real: two maps at once do not touch each other's queue jobs") {
    const UserDirectory one;
    const UserDirectory other;
    const auto work = [](const UserDirectory& directory) {
        return [&directory] { return not_squares(Pool(directory.options()).map(square, numbers(12)), 12); };
    };
    UserProcess first(one, work(one));
    UserProcess second(other, work(other));
    CHECK(first.outcome() == "");
    CHECK(second.outcome() == "");
    CHECK(one.num_events({"\"delete\""}) + other.num_events({"\"delete\""}) == 0);
    check_that_queue_is_empty();
}

TEST_CASE("real: Ctrl-C leaves the queue as it was") {
    const UserDirectory directory;
    UserProcess process(directory, [&] {
        const std::vector<std::string> where(50, directory.path().native());
        return not_squares(Pool(directory.options()).map(square_when_told, numbers(50), where), 50);
    });
    REQUIRE(becomes_true([&] { return num_in_state(JobState::running) > 1; }));
    ::kill(process.pid(), SIGINT);
    CHECK(process.outcome() == "ended by signal 2");
    check_that_queue_is_empty();
    CHECK_FALSE(directory.text("work_dir/manifest.json").empty());
}

// Slurm's way of saying Eqw. Were it deleted by name, all of the array that waits would go with it.
TEST_CASE("real: of an array, only the queue job in error state is deleted and submitted again", "[slurm]") {
    const UserDirectory directory;
    UserProcess process(directory, [&] {
        auto options = directory.options();
        options.max_num_running = 2;
        const std::vector<std::string> where(6, directory.path().native());
        return not_squares(Pool(options).map(square_when_told, numbers(6), where), 6);
    });
    REQUIRE(becomes_true([] { return num_in_state(JobState::running) == 2; }));
    administer({"scontrol", "requeuehold", "State=SpecialExit", ids_in_state(JobState::running).front()});
    CHECK(becomes_true([&] { return directory.num_events({"\"resubmit\"", "error state"}) == 1; }));
    CHECK(becomes_true([] { return num_in_state(JobState::pending) >= 3; }));
    directory.touch("go");
    const std::string outcome = process.outcome();
    INFO(directory.text("stderr"));
    CHECK(outcome == "");
    CHECK(directory.num_events({"\"resubmit\""}) == 1);
    CHECK(directory.num_events({"\"delete\""}) == 1);
    check_that_queue_is_empty();
}
