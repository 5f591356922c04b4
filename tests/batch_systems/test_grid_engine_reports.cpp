#include <catch2/catch.hpp>

#include "batch_systems/fixtures.hpp"
#include "decisions/batch_system.hpp"

using namespace qmr::detail;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using qmr::Cause;
using qmr::test::answer;
using qmr::test::grid_engine;
using qmr::test::grid_engine_fixtures;

namespace {

std::vector<JobReport> reasons_in(const std::string& fixture) {
    return grid_engine.read_reason_answer(grid_engine_fixtures.answer(fixture));
}

std::vector<JobReport> ends_in(const std::string& fixture) {
    return grid_engine.read_account_answer(grid_engine_fixtures.answer(fixture));
}

JobReport only_end_in(const std::string& fixture) {
    const auto ends = ends_in(fixture);
    REQUIRE(ends.size() == 1);
    return ends.front();
}

/// A record as qacct writes it, with these lines.
JobReport end_of(const std::string& lines) {
    const auto ends = grid_engine.read_account_answer(
        answer(0, std::string(62, '=') + "\njobname      q1                  \ntaskid       undefined\n" +
                      "exit_status  137                  (Killed)\n" + lines));
    REQUIRE(ends.size() == 1);
    return ends.front();
}

const std::string limited = "failed       37  : qmaster enforced h_rt, h_cpu, or h_vmem limit\n";

}  // namespace

TEST_CASE("why a queue job is in error is read from qstat -j") {
    const auto reasons = reasons_in("reason_error_single");
    REQUIRE(reasons.size() == 2);
    CHECK(reasons[0].JB_name == "no_output");
    CHECK(reasons[0].cause == Cause::error_state);
    CHECK_FALSE(reasons[0].array_index);
    CHECK_THAT(reasons[0].message,
               EndsWith("error: can't open output file \"/no/such/dir/out\": No such file or directory"));
    CHECK(reasons[1].cause == Cause::vanished);
    CHECK(reasons[1].message == "Job is in error state");
}

TEST_CASE("which task of an array is in error is read from qstat -j") {
    const auto reasons = reasons_in("reason_error_array");
    REQUIRE(reasons.size() == 2);
    CHECK(reasons[0].JB_name == "arr");
    CHECK(reasons[0].array_index == 2U);
    CHECK(reasons[0].cause == Cause::error_state);
    CHECK_THAT(reasons[0].message, EndsWith("exit_status of job start = 100"));
    CHECK_THAT(reasons[1].message, Contains("Job is in error state"));
}

TEST_CASE("several queue jobs in one answer of qstat -j are told apart") {
    const auto reasons = reasons_in("reason_error_several_jobs");
    REQUIRE(reasons.size() == 4);
    CHECK(reasons[0].JB_name == "no_output");
    CHECK_FALSE(reasons[0].array_index);
    CHECK(reasons[2].JB_name == "arr");
    CHECK(reasons[2].array_index == 2U);
}

TEST_CASE("why a queue job waits is read from qstat -j, all lines of it") {
    for (const auto* const name : {"reason_pending_single", "reason_pending_array"}) {
        const auto reasons = reasons_in(name);
        REQUIRE(reasons.size() == 1);
        CHECK(reasons[0].cause == Cause::vanished);
        CHECK_FALSE(reasons[0].array_index);
        CHECK_THAT(reasons[0].message, Contains("mem_free=100000G) cannot run at host"));
    }
    const auto closed = reasons_in("reason_pending_queue_disabled");
    REQUIRE(closed.size() == 1);
    CHECK_THAT(closed[0].message, Contains("dropped because it is disabled; All queues dropped because of "
                                           "overload or full"));
}

TEST_CASE("a kill for h_rt is told with the limit, for each task") {
    const auto single = only_end_in("account_out_of_time_single");
    CHECK(single.JB_name == "too_long");
    CHECK_FALSE(single.array_index);
    CHECK(single.message == "Grid Engine killed it for running longer than h_rt, 2 s");
    const auto array = ends_in("account_out_of_time_array");
    REQUIRE(array.size() == 2);
    CHECK(array[0].array_index.value_or(0) + array[1].array_index.value_or(0) == 3);
    for (const auto& end : array) CHECK(end.cause == Cause::out_of_time);
}

TEST_CASE("a kill for h_vmem is told with the limit") {
    const auto end = only_end_in("account_out_of_memory");
    CHECK(end.JB_name == "too_much");
    CHECK(end.message == "Grid Engine killed it for using more memory than h_vmem, 168 MB");
}

TEST_CASE("other ends are told by what qacct says") {
    CHECK(only_end_in("account_other_exit_code").message == "it ended with exit_status 3, by qacct");
    for (const auto* const name : {"account_other_killed", "account_other_deleted"}) {
        const auto end = only_end_in(name);
        CHECK(end.cause == Cause::vanished);
        CHECK(end.message == "failed 100 : assumedly after job, exit_status 137 (Killed), by qacct");
    }
    CHECK_THAT(only_end_in("account_other_not_started").message, Contains("opening input/output file"));
}

TEST_CASE("of an end, the host, the memory and the exit code of a program that ended by itself are told") {
    const auto ended = only_end_in("account_other_exit_code");
    CHECK(ended.host == "vm");
    CHECK(ended.exit_code == 3);
    const auto killed = only_end_in("account_out_of_memory");
    CHECK_FALSE(killed.exit_code);
    CHECK(killed.peak_memory == 285'298'655);
    CHECK(end_of("failed       0\nru_wallclock 12.5s\n").seconds == 12.5);
}

TEST_CASE("each task of an array has an end of its own") {
    const auto ends = ends_in("account_other_array");
    REQUIRE(ends.size() == 3);
    for (const auto& end : ends) {
        REQUIRE(end.array_index);
        CHECK(end.message == "it ended with exit_status " + std::to_string(*end.array_index) + ", by qacct");
    }
}

TEST_CASE("a run after which a queue job was put back is no end of it, also while it is all there is") {
    const auto ends = ends_in("account_other_ran_twice");
    REQUIRE(ends.size() == 1);
    CHECK(ends[0].message == "it ended with exit_status 4, by qacct");
    auto put_back = grid_engine_fixtures.answer("account_other_ran_twice");
    put_back.out.resize(put_back.out.rfind(std::string(62, '=')));
    CHECK_THAT(put_back.out, Contains("rescheduling"));
    CHECK(grid_engine.read_account_answer(put_back).empty());
}

TEST_CASE("of a queue job that ran twice the last end comes first") {
    auto twice = grid_engine_fixtures.answer("account_other_ran_twice");
    twice.out.replace(twice.out.find("25  : rescheduling"), 18, "0                 ");
    const auto ends = grid_engine.read_account_answer(twice);
    REQUIRE(ends.size() == 2);
    CHECK(ends[0].message == "it ended with exit_status 4, by qacct");
    CHECK(ends[1].message == "it ended with exit_status 99, by qacct");
}

TEST_CASE("a limit is read with its unit, large letters by 1024 and small ones by 1000") {
    const auto memory_with = [](const std::string& h_vmem, const std::string& maxvmem) {
        return end_of(limited + "ru_wallclock 1s\nmaxvmem      " + maxvmem +
                      "\ncategory     -l h_rt=60,h_vmem=" + h_vmem + "\n");
    };
    for (const auto* const h_vmem : {"2G", "2g", "2048M", "2000m", "2000000000", "2000000k", "1.5G"}) {
        CAPTURE(h_vmem);
        CHECK(memory_with(h_vmem, "2.100GB").cause == Cause::out_of_memory);
        CHECK(memory_with(h_vmem, "1.100GB").cause == Cause::vanished);
    }
    CHECK_THAT(memory_with("2g", "2.100GB").message, EndsWith("2000 MB"));
    CHECK_THAT(memory_with("2G", "2.100GB").message, EndsWith("2147 MB"));
}

TEST_CASE("a limit that was enforced but not reached is not blamed") {
    CHECK(end_of(limited + "ru_wallclock 5s\nmaxvmem      1.0GB\ncategory     -l h_cpu=5\n").cause ==
          Cause::vanished);
    CHECK(
        end_of(limited + "ru_wallclock 5s\nmaxvmem      1.0GB\ncategory     -l h_rt=60,h_vmem=2G\n").cause ==
        Cause::vanished);
    CHECK(
        end_of("failed       100 : assumedly after job\nru_wallclock 90s\ncategory     -l h_rt=60\n").cause ==
        Cause::vanished);
}

TEST_CASE("times and sizes that are no numbers of this world are not known") {
    for (const std::string number : {"1e300", "-5", "nan", "inf", "-inf", "1e999"}) {
        CAPTURE(number);
        const auto end =
            end_of("failed       0\nru_wallclock " + number + "s\nmaxvmem      " + number + "P\n");
        CHECK(end.seconds == 0);
        CHECK(end.peak_memory == 0);
    }
}
