#include <catch2/catch.hpp>

#include "ground/cause.hpp"
#include "pool/what_next.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

TaskOutlook outlook(TaskState task, ChunkState chunk) {
    TaskOutlook outlook;
    outlook.task = task;
    outlook.chunk = chunk;
    outlook.is_worked_on = true;
    outlook.work_dir = "/w";
    outlook.how_to_go_on = "qmr resume /w";
    return outlook;
}

const char* const go_on = "qmr resume /w";

}  // namespace

TEST_CASE("what next: a task with its value needs nothing") {
    CHECK(what_next(outlook(TaskState::done, ChunkState::committed)) == "Nothing: it has its value.");
    CHECK_THAT(what_next(outlook(TaskState::done, ChunkState::running)), Catch::Contains("kept"));
}

TEST_CASE("what next: a task that runs or waits is told what for") {
    CHECK(what_next(outlook(TaskState::running, ChunkState::running)) == "It runs.");
    TaskOutlook waits = outlook(TaskState::waiting, ChunkState::running);
    waits.num_before = 3;
    CHECK(what_next(waits) == "It runs when the 3 tasks before it in its chunk are done.");
    waits.num_before = 1;
    CHECK(what_next(waits) == "It runs when the 1 task before it in its chunk is done.");
    waits.chunk = ChunkState::waiting;
    CHECK(what_next(waits) == "A queue job will be submitted for its chunk.");
    waits.is_pulled = true;
    CHECK(what_next(waits) == "Its chunk is taken by one of the queue jobs, when they come to it.");
    waits.queue_job = "12.3";
    CHECK(what_next(waits) == "Its chunk runs when the batch system starts queue job 12.3.");
    waits.is_local = true;
    CHECK(what_next(waits) == "Its chunk runs when a core is free for it.");
}

TEST_CASE("what next: of a map that nobody works on, somebody has to go on with it") {
    TaskOutlook left = outlook(GENERATE(TaskState::running, TaskState::waiting),
                               GENERATE(ChunkState::running, ChunkState::waiting));
    left.is_worked_on = false;
    CHECK_THAT(what_next(left), Catch::StartsWith("Nobody works on the map") && Catch::Contains(go_on));
    left = outlook(TaskState::waiting, ChunkState::waiting);
    left.is_worked_on = false;
    left.queue_job = "12.3";
    CHECK_THAT(what_next(left), Catch::Contains("queue job 12.3 may still be in the queue"));
}

TEST_CASE("what next: each cause of a failure has an advice, and what is no outcome can be gone on with") {
    for (const Cause cause : all_causes) {
        CAPTURE(to_string(cause));
        TaskOutlook failed = outlook(TaskState::failed, ChunkState::given_up);
        failed.cause = cause;
        const std::string text = what_next(failed);
        CHECK(text.size() > 60);
        CHECK((text.find(go_on) != std::string::npos) == (cause != Cause::binary_changed));
        failed.is_outcome = true;
        CHECK(what_next(failed).find(go_on) == std::string::npos);
    }
    TaskOutlook failed = outlook(TaskState::failed, ChunkState::given_up);
    failed.cause = Cause::out_of_memory;
    CHECK_THAT(what_next(failed), Catch::Contains("QMR_MEMORY"));
    failed.cause = Cause::out_of_time;
    CHECK_THAT(what_next(failed), Catch::Contains("QMR_WALLTIME"));
}
