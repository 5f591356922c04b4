#include <catch2/catch.hpp>

#include "dummy_queue/deletion.hpp"
#include "states.hpp"

using namespace qmr::dummy_queue;
using namespace qmr::dummy_queue::test;

namespace {

DeletionAnswer qdel_as(State& state, const std::string& user, const std::vector<std::string>& words) {
    const auto arguments = read_deletion_arguments(words);
    REQUIRE(arguments.error.empty());
    return delete_tasks(state, user, arguments.requests, chunk_is_task_plus_100);
}

std::string qdel_says(State& state, const std::vector<std::string>& words, int exit_code) {
    const auto answer = qdel_as(state, "griduser", words);
    CHECK(answer.exit_code == exit_code);
    return answer.out;
}

State some_state() {
    State state;
    state.jobs = {make_job(158, "runs"), make_job(160, "waits"), make_job(161, "waits_too"),
                  make_job(162, "array", 10)};
    state.jobs[0].waiting.clear();
    state.jobs[0].running.push_back({1, 1, 0, false, false, 0});
    return state;
}

}  // namespace

TEST_CASE("dummy queue: qdel of whole queue jobs answers as captured") {
    auto state = some_state();
    CHECK(qdel_says(state, {"158"}, 0) == "griduser has registered the job 158 for deletion\n");
    CHECK(qdel_says(state, {"160", "999999", "161"}, 1) ==
          "griduser has deleted job 160\n"
          "denied: job \"999999\" does not exist\n"
          "griduser has deleted job 161\n");
    CHECK(qdel_says(state, {"160"}, 1) == "denied: job \"160\" does not exist\n");
    CHECK(state.jobs.size() == 1);
}

TEST_CASE("dummy queue: qdel of tasks answers as captured") {
    auto state = some_state();
    CHECK(qdel_says(state, {"162.3"}, 0) == "griduser has deleted job-array task 162.3\n");
    CHECK(qdel_says(state, {"162.3"}, 1) == "job \"162\" task \"3\" does not exist\n");
    CHECK(qdel_says(state, {"162", "-t", "4-6"}, 0) ==
          "griduser has deleted job-array tasks 4-6:1 of job 162\n");
    CHECK(qdel_says(state, {"162", "-t", "4-6"}, 1) ==
          "job \"162\" task id range \"4-6:1\" comprises no tasks\n");
    CHECK(qdel_says(state, {"162", "-t", "50"}, 1) == "job \"162\" task \"50\" does not exist\n");
    CHECK(qdel_says(state, {"162", "-t", "7,9"}, 0) ==
          "griduser has deleted job-array tasks 7,9 of job 162\n");
    CHECK(find_job(state, 162)->waiting == TaskSet{1, 2, 8, 10});
    CHECK(qdel_says(state, {"162", "-t", "1-9999999999999"}, 0) ==
          "griduser has deleted job-array tasks 1,2,8,10 of job 162\n");
}

TEST_CASE("dummy queue: qdel of an array tells the running tasks one by one") {
    auto state = some_state();
    auto& array = *find_job(state, 162);
    array.waiting.erase(1);
    array.running.push_back({1, 1, 0, false, false, 0});
    CHECK(qdel_says(state, {"162"}, 0) ==
          "griduser has registered the job-array task 162.1 for deletion\n"
          "griduser has deleted job 162\n");
}

TEST_CASE("dummy queue: qdel takes names and patterns") {
    auto state = some_state();
    CHECK(qdel_says(state, {"abc"}, 1) == "The job abc of user(s) griduser does not exist\n");
    CHECK(qdel_says(state, {"waits"}, 0) == "griduser has deleted job 160\n");
    CHECK(qdel_says(state, {"*"}, 0) ==
          "griduser has registered the job 158 for deletion\n"
          "griduser has deleted job 161\n"
          "griduser has deleted job 162\n");
    CHECK(state.jobs.empty());
}

TEST_CASE("dummy queue: qdel takes lists, and names with dots") {
    State state;
    state.jobs = {make_job(1, "q1.5"), make_job(2, "b"), make_job(3, "c", 2)};
    CHECK(
        qdel_says(state, {"q1.5,2", "3.1"}, 0) ==
        "griduser has deleted job 1\ngriduser has deleted job 2\ngriduser has deleted job-array task 3.1\n");
}

TEST_CASE("dummy queue: nobody deletes the queue jobs of others") {
    auto state = some_state();
    const auto answer = qdel_as(state, "gridother", {"160"});
    CHECK(answer.out == "gridother - you do not have the necessary privileges to delete the job \"160\"\n");
    CHECK(answer.exit_code == 1);
    CHECK(qdel_as(state, "gridother", {"*"}).exit_code == 1);
    CHECK(state.jobs.size() == 4);
}

TEST_CASE("dummy queue: qdel with several ranges deletes nothing") {
    const std::vector<std::string> words{"6006", "-t", "5,7-9"};
    CHECK(read_deletion_arguments(words).error == "error: -t option only allows one range specification");
}

TEST_CASE("dummy queue: a task whose command runs just now is shown as dr until it is dead") {
    auto state = some_state();
    state.jobs[0].running[0].shepherd = 4711;
    const auto answer = qdel_as(state, "griduser", {"158"});
    CHECK(answer.shepherds == std::vector<std::int64_t>{4711});
    const auto again = qdel_as(state, "griduser", {"158"});
    CHECK(again.out == "job 158 is already in deletion\n");
    CHECK(again.exit_code == 0);
    CHECK(again.shepherds == std::vector<std::int64_t>{4711});
    finish(state, {158, 1, false, {}, {}, {}}, {});
    CHECK(find_job(state, 158) == nullptr);
}

TEST_CASE("dummy queue: a deleted task lingers in the listing when a fault says so") {
    auto state = some_state();
    Fault fault;
    fault.kind = FaultKind::lingers;
    fault.num_calls = 2;
    state.faults = {fault};
    find_job(state, 161)->in_error = std::exchange(find_job(state, 161)->waiting, {});

    qdel_says(state, {"158", "161"}, 0);
    CHECK(state.faults[0].num_fails == 2);
    CHECK(find_job(state, 158)->lingering.at(0).state_word == "dr");
    CHECK(find_job(state, 161)->lingering.at(0).state_word == "Eqw");
    CHECK(find_job(state, 158)->num_tasks_left() == 0);
    CHECK(qdel_says(state, {"158"}, 0) == "job 158 is already in deletion\n");

    count_call_for_lingering_tasks(state);
    CHECK(find_job(state, 158) != nullptr);
    count_call_for_lingering_tasks(state);
    CHECK(find_job(state, 158) == nullptr);
    CHECK(find_job(state, 161) == nullptr);
}

TEST_CASE("dummy queue: a deleted task may linger as if nothing had happened") {
    auto state = some_state();
    state.faults = {fault_of_chunk(FaultKind::lingers, 101, 1)};
    state.faults[0].as = "unchanged";
    qdel_says(state, {"158"}, 0);
    CHECK(find_job(state, 158)->lingering.at(0).state_word == "r");
    CHECK(find_job(state, 158)->lingering.at(0).has_slot);
}
