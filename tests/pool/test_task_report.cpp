// What is told of a task: its bytes, the attempts on its chunk, and where it stands.

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cereal/types/string.hpp>
#include <chrono>
#include <csignal>
#include <cstring>
#include <iostream>
#include <qmr/map_status.hpp>
#include <ranges>

#include "full_chain/resumed.hpp"

using namespace qmr;
using namespace qmr::test;
using dummy_queue::FaultKind;
using State = AttemptReport::State;

namespace {

std::int64_t number_in(const std::string& bytes) {
    std::int64_t number = 0;
    REQUIRE(bytes.size() == sizeof number);
    std::memcpy(&number, bytes.data(), sizeof number);
    return number;
}

std::int64_t prints(std::int64_t x) {
    std::cout << "out " << x << '\n';
    std::cerr << "err " << x << '\n';
    if (x == 4) throw std::runtime_error("no such event");
    return x * x;
}

std::int64_t waits_at_five(std::int64_t x, const std::string& mark) {
    if (x == 5) std::ofstream(mark) << "begun";
    // So that what is done before is in the file.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    while (x == 5 && std::filesystem::exists(mark)) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return x * x;
}

void wait_for(const std::filesystem::path& path) {
    while (!std::filesystem::exists(path)) std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

}  // namespace

TEST_CASE("task report: of a task that is done, its value, and the attempt that made it") {
    for (const Site& site : all_sites) {
        INFO(site.name);
        const Resumed map(site, 0);
        static_cast<void>(Pool(map.options()).try_map(prints, numbers(30)));
        const auto work_dir = map.chain().work_dir();
        const TaskReport report = read_task_report(work_dir, 29);
        CHECK(report.state == TaskState::done);
        CHECK(report.chunk_state == ChunkState::committed);
        CHECK(report.ichunk == 9);
        CHECK(report.first_itask == 27);
        CHECK(report.num_tasks == 3);
        CHECK(number_in(report.task) == 29);
        REQUIRE(report.value);
        CHECK(number_in(*report.value) == 29 * 29);
        CHECK_FALSE(report.failure);
        REQUIRE(report.attempts.size() == 1);
        const AttemptReport& attempt = report.attempts.front();
        CHECK(attempt.state == State::committed);
        CHECK_FALSE(attempt.host.empty());
        CHECK(attempt.JB_job_number.empty() == site.is_local);
        CHECK(attempt.end);
        CHECK(text_of(attempt.stdout_file) == "out 27\nout 28\nout 29\n");
        CHECK(text_of(attempt.stderr_file) == "err 27\nerr 28\nerr 29\n");
    }
}

TEST_CASE("task report: of a task that threw, its failure") {
    const Chain chain;
    const auto results = chain.pool().try_map(prints, numbers(6));
    const TaskReport report = read_task_report(chain.work_dir(), 4);
    CHECK(report.state == TaskState::failed);
    CHECK_FALSE(report.value);
    CHECK(number_in(report.task) == 4);
    REQUIRE(report.failure);
    CHECK(report.failure->message == results[4].error().message);
    CHECK_THAT(report.next, Catch::StartsWith("Nothing more is tried."));
}

TEST_CASE(
    "task report: while a chunk runs, what is done of it, what runs, and what waits; and after its process "
    "was killed") {
    for (const Site& site : all_sites) {
        INFO(site.name);
        const Resumed map(site, 0);
        const auto work_dir = map.chain().work_dir();
        const std::string mark = (map.chain().directory() / "mark").native();
        const auto run = [&] {
            auto options = map.options();
            options.num_chunks = 1;
            return Pool(options).map(waits_at_five, numbers(10), std::vector<std::string>(10, mark));
        };
        InProcess caller([&] { return run().empty() ? 1 : 0; });
        wait_for(mark);
        TaskReport report = read_task_report(work_dir, 4);
        CHECK(report.state == TaskState::done);
        CHECK(report.chunk_state == ChunkState::running);
        CHECK(number_in(report.value.value_or("")) == 16);
        CHECK(read_task_report(work_dir, 5).state == TaskState::running);
        report = read_task_report(work_dir, 7);
        CHECK(report.state == TaskState::waiting);
        CHECK(report.num_outcomes == 5);
        CHECK_FALSE(report.value);
        CHECK(report.next == "It runs when the 2 tasks before it in its chunk are done.");
        REQUIRE(report.attempts.size() == 1);
        CHECK(report.attempts[0].state == State::running);
        CHECK(report.attempts[0].num_outcomes == 5);

        ::kill(caller.pid(), SIGKILL);
        CHECK(caller.ended_by() == SIGKILL);
        report = read_task_report(work_dir, 4);
        CHECK(report.state == TaskState::done);
        CHECK(number_in(report.value.value_or("")) == 16);
        report = read_task_report(work_dir, 5);
        CHECK_THAT(report.next,
                   Catch::StartsWith("Nobody works on the map") &&
                       Catch::EndsWith("the same command with QMR_RESUME=" + work_dir.native() + "."));
        CHECK((report.state == TaskState::waiting) == site.is_local);
        CHECK((report.attempts.at(0).state == State::lost) == site.is_local);
        std::filesystem::remove(mark);
        if (site.is_local) continue;
        wait_for(work_dir / "000000000.out");
        CHECK(read_task_report(work_dir, 5).state == TaskState::done);
        CHECK(run() == squares(10));
    }
}

TEST_CASE("task report: queue jobs in error state are attempts, in the words of the batch system") {
    const Chain chain({{.kind = FaultKind::evil, .ichunk = 1, .max_num_fails = 2}});
    auto options = chain.options();
    options.num_chunks = 3;
    CHECK(Pool(options).map(square, numbers(6)) == squares(6));
    const TaskReport report = read_task_report(chain.work_dir(), 3);
    CHECK(report.state == TaskState::done);
    REQUIRE(report.attempts.size() == 3);
    for (const std::size_t i : {0U, 1U}) {
        CHECK(report.attempts[i].state == State::failed);
        CHECK(report.attempts[i].cause == Cause::error_state);
        CHECK_FALSE(report.attempts[i].JB_job_number.empty());
        CHECK_THAT(report.attempts[i].message,
                   Catch::Contains("; submitted again, " + std::to_string(i + 1) + " of 10"));
        CHECK(report.attempts[i].end);
    }
    CHECK(report.attempts[0].array_index == 2);
    CHECK(report.attempts[0].JB_job_number != report.attempts[1].JB_job_number);
    CHECK(report.attempts[2].state == State::committed);
}

TEST_CASE(
    "task report: an attempt that wrote down its end is told once, with what the process node made of it") {
    const Chain chain;
    auto options = chain.options(GENERATE(Jobs::one_per_chunk, Jobs::pull));
    options.batch_system = GENERATE(as<std::string>{}, "sge", "local");
    options.num_chunks = 1;
    options.max_num_resubmissions = 1;
    const auto f = [](std::int64_t x) {
        if (x == 2) ::kill(::getpid(), SIGKILL);
        return x;
    };
    static_cast<void>(Pool(options).try_map(f, numbers(4)));
    const TaskReport report = read_task_report(chain.work_dir(), 2);
    CHECK(report.state == TaskState::failed);
    std::size_t num_failed = 0;
    for (const AttemptReport& attempt : report.attempts) {
        if (attempt.state == State::committed) continue;
        ++num_failed;
        CHECK(attempt.state == State::failed);
        CHECK_FALSE(attempt.host.empty());
        CHECK(attempt.seconds > 0);
        CHECK(attempt.begin);
        CHECK_THAT(attempt.message, Catch::Contains("killed by signal 9"));
    }
    CHECK(num_failed == chain.num_events("\"resubmit\"") + chain.num_events("\"give_up\""));
}

TEST_CASE("task report: of a range of unknown length, a task is found in its chunk") {
    const Chain chain;
    auto options = local_options(chain.directory());
    options.chunk_size = 4;
    const auto tasks = numbers(30);
    const auto odd = [](std::int64_t x) { return x % 2 != 0; };
    static_cast<void>(Pool(options).map(square, tasks | std::views::filter(odd)));
    const TaskReport report = read_task_report(chain.work_dir(), 14);
    CHECK(report.ichunk == 3);
    CHECK(report.first_itask == 12);
    CHECK(report.num_tasks == 3);
    CHECK(number_in(report.task) == 29);
    CHECK(number_in(report.value.value_or("")) == 841);
}

TEST_CASE("task report: a task that waits for its queue job is told which one") {
    const Chain chain;
    chain.queue().change([](dummy_queue::State& state) { state.max_num_running = 1; });
    auto options = chain.options();
    options.num_chunks = 2;
    const std::string mark = (chain.directory() / "mark").native();
    InProcess caller([&] {
        static_cast<void>(
            Pool(options).map(waits_at_five, std::vector<std::int64_t>{5, 6}, std::vector(2, mark)));
        return 0;
    });
    wait_for(mark);
    const TaskReport report = read_task_report(chain.work_dir(), 1);
    CHECK(report.state == TaskState::waiting);
    CHECK(report.chunk_state == ChunkState::waiting);
    CHECK(report.attempts.empty());
    CHECK(report.next == "Its chunk runs when the batch system starts queue job 1.2.");
    ::kill(caller.pid(), SIGINT);
    CHECK(caller.ended_by() == SIGINT);
    CHECK_THAT(read_task_report(chain.work_dir(), 1).next, Catch::StartsWith("Nobody works on the map. "));
}

TEST_CASE("task report: a task that the map has not is refused") {
    const Chain chain;
    CHECK(chain.pool().map(square, numbers(3)) == squares(3));
    CHECK_THROWS_AS(read_task_report(chain.work_dir(), 3), BadInput);
    CHECK_THROWS_WITH(read_task_report(chain.work_dir(), 3),
                      Catch::EndsWith("has no task 3: its tasks are 0 to 2"));
}
