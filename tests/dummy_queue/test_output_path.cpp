#include <catch2/catch.hpp>

#include "dummy_queue/job_environment.hpp"
#include "dummy_queue/output_path.hpp"

using namespace qmr::dummy_queue;

TEST_CASE("dummy queue: the variables in the path of an output are expanded as Grid Engine does") {
    OutputPlace place{"/home/griduser", "griduser", "vm", "/somewhere", 7, "run", std::nullopt};
    CHECK(output_path("/q/$JOB_ID.$TASK_ID", 'o', place) == "/q/7.0");
    CHECK(output_path("$JOB_IDx.$USER@$HOSTNAME", 'o', place) == "/somewhere/7x.griduser@vm");
    CHECK(output_path("~/out", 'o', place) == "/home/griduser/out");
    CHECK(output_path("$HOME/${JOB_ID}", 'o', place) == "/home/griduser/${JOB_ID}");
    CHECK(output_path("", 'e', place) == "/somewhere/run.e7");
    place.array_task = 3;
    CHECK(output_path("/q/$JOB_ID.$TASK_ID", 'o', place) == "/q/7.3");
    CHECK(output_path("/", 'o', place) == "/run.o7.3");
}

TEST_CASE("dummy queue: the environment of a queue job is that of Grid Engine, whatever -v brings") {
    RunOrder order;
    order.JB_job_number = 7;
    order.submission.JB_name = "run";
    order.submission.environment = {"A=1", "A=2", "JOB_ID=lie", "PATH=/mine"};
    JobPlace place{"griduser", "/home/griduser", "vm", "/tmp/t", "/spool", "/bin/x", "/wd", "/o", "/e"};
    const auto has = [&](const std::string& variable) {
        const auto all = job_environment(order, place);
        return std::count(all.begin(), all.end(), variable) == 1;
    };
    CHECK(has("A=2"));
    CHECK_FALSE(has("A=1"));
    CHECK(has("JOB_ID=7"));
    CHECK(has("PATH=/tmp/t:/mine"));
    CHECK(has("HOME=/home/griduser"));
    CHECK(has("SGE_TASK_ID=undefined"));
    CHECK(has("SGE_TASK_LAST=undefined"));
    order.submission.array = TaskRange{1, 9, 2};
    order.task = 3;
    CHECK(has("SGE_TASK_ID=3"));
    CHECK(has("SGE_TASK_LAST=9"));
    CHECK(has("SGE_TASK_STEPSIZE=2"));
}
