#include <catch2/catch.hpp>

#include "dummy_queue/step.hpp"
#include "states.hpp"

using namespace qmr::dummy_queue;
using namespace qmr::dummy_queue::test;

namespace {

std::optional<RunOrder> step(State& state) {
    return advance(state, 0, chunk_is_task_plus_100);
}

/// Makes steps, ends each run with the exit code at once, and returns the tasks in the order of their runs.
std::vector<std::uint64_t> run_all(State& state, int exit_code = 0) {
    std::vector<std::uint64_t> ran;
    for (int i = 0; i < 1000 && !state.jobs.empty(); ++i) {
        const auto order = step(state);
        if (!order) continue;
        mark_taken(state, *order, 1);
        ran.push_back(order->task);
        RunResult result;
        result.exit_code = exit_code;
        finish(state, *order, result);
    }
    return ran;
}

}  // namespace

TEST_CASE("dummy queue: one step starts one task, or hands one out to be run") {
    State state;
    state.jobs.push_back(make_job(1, "a", 2));
    CHECK_FALSE(step(state));
    CHECK(state.jobs[0].running.size() == 1);
    CHECK_FALSE(step(state));
    CHECK(state.jobs[0].running.size() == 2);
    const auto order = step(state);
    REQUIRE(order);
    CHECK(order->task == 1);
    finish(state, *order, {});
    CHECK(state.jobs[0].running.size() == 1);
}

TEST_CASE("dummy queue: at most ten tasks run, and the oldest is run first") {
    State state;
    state.jobs.push_back(make_job(1, "a", 12));
    for (int i = 0; i < 10; ++i) CHECK_FALSE(step(state));
    CHECK(state.jobs[0].running.size() == 10);
    CHECK(step(state)->task == 1);
    state = State();
    state.jobs.push_back(make_job(1, "a", 12));
    CHECK(run_all(state) == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
}

TEST_CASE("dummy queue: an evil task goes to Eqw as often as asked for, and is never started again") {
    State state;
    state.faults = {fault_of_chunk(FaultKind::evil, 102, 1)};
    state.jobs.push_back(make_job(1, "a", 3));
    for (int i = 0; i < 20; ++i) {
        if (const auto order = step(state)) finish(state, *order, {});
    }
    REQUIRE(state.jobs.size() == 1);
    CHECK(state.jobs[0].in_error == TaskSet{2});
    CHECK(state.jobs[0].num_tasks_left() == 1);
    CHECK(state.faults[0].num_fails == 1);

    state.jobs = {make_job(2, "again", 3)};
    run_all(state);
    CHECK(state.jobs.empty());
    CHECK(state.faults[0].num_fails == 1);
}

TEST_CASE("dummy queue: a fault may spare the first occasions") {
    State state;
    state.faults = {fault_of_chunk(FaultKind::evil, 101, 1)};
    state.faults[0].max_num_spared = 1;
    state.jobs.push_back(make_job(1, "first"));
    run_all(state);
    CHECK(state.jobs.empty());
    state.jobs.push_back(make_job(2, "second"));
    step(state);
    CHECK(state.jobs[0].in_error == TaskSet{1});
}

TEST_CASE("dummy queue: faults are aimed by name, pattern and task, too") {
    Fault fault;
    fault.JB_name = "run*";
    fault.task = 2;
    CHECK(is_aimed_at(fault, {"run7", 2, {}}));
    CHECK_FALSE(is_aimed_at(fault, {"run7", 3, {}}));
    CHECK_FALSE(is_aimed_at(fault, {"other", 2, {}}));
    fault.JB_name = "a[b";
    CHECK(is_aimed_at(fault, {"a[b", 2, {}}));
}

TEST_CASE("dummy queue: a vanishing task is gone without having run") {
    for (const auto* const while_state : {"running", "pending"}) {
        State state;
        state.faults = {fault_of_chunk(FaultKind::vanishes, 102, 1)};
        state.faults[0].while_state = while_state;
        state.jobs.push_back(make_job(1, "a", 3));
        CHECK(run_all(state) == std::vector<std::uint64_t>{1, 3});
        CHECK(state.faults[0].num_fails == 1);
        CHECK(state.num_starts == (std::string(while_state) == "running" ? 3 : 2));
    }
}

TEST_CASE("dummy queue: exit code 100 is an error, 99 asks for another run, others are an end") {
    State state;
    state.jobs.push_back(make_job(1, "a"));
    step(state);
    auto order = *step(state);
    RunResult result;
    result.exit_code = 99;
    finish(state, order, result);
    REQUIRE(state.jobs.size() == 1);
    CHECK(state.jobs[0].requeued == TaskSet{1});
    step(state);
    order = *step(state);
    CHECK(order.restarted);
    result.exit_code = 100;
    finish(state, order, result);
    CHECK(state.jobs[0].in_error == TaskSet{1});

    state.jobs = {make_job(2, "b")};
    CHECK(run_all(state, 137).size() == 1);
    CHECK(state.jobs.empty());
}

TEST_CASE("dummy queue: a command that can not be started puts its task in error, and says why") {
    State state;
    state.jobs.push_back(make_job(1, "a"));
    step(state);
    const auto order = *step(state);
    RunResult result;
    result.failure = "error: can't chdir to /no: No such file or directory";
    finish(state, order, result);
    CHECK(state.jobs[0].in_error == TaskSet{1});
    CHECK(state.jobs[0].errors.at(0).reason == result.failure);
}

TEST_CASE("dummy queue: held queue jobs do not start") {
    State state;
    state.jobs.push_back(make_job(1, "a"));
    state.jobs[0].submission.held = true;
    for (int i = 0; i < 3; ++i) CHECK_FALSE(step(state));
    CHECK(state.jobs[0].waiting == TaskSet{1});
}

TEST_CASE("dummy queue: -tc limits how many tasks of an array run") {
    State state;
    state.jobs.push_back(make_job(1, "a", 4));
    state.jobs[0].submission.max_num_running = 2;
    step(state);
    step(state);
    CHECK(step(state)->task == 1);
    CHECK(state.jobs[0].running.size() == 2);
}

TEST_CASE("dummy queue: a task that is being run is not handed out a second time") {
    State state;
    state.jobs.push_back(make_job(1, "a"));
    step(state);
    mark_taken(state, *step(state), 4711);
    CHECK_FALSE(step(state));
    CHECK(state.jobs[0].running.size() == 1);

    forget_lost_tasks(state, [](std::int64_t shepherd) { return shepherd == 4711; });
    CHECK(state.jobs.size() == 1);
    forget_lost_tasks(state, [](std::int64_t) { return false; });
    CHECK(state.jobs.empty());
}
