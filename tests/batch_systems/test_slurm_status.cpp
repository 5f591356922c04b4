#include <catch2/catch.hpp>

#include "batch_systems/fixtures.hpp"
#include "decisions/batch_system.hpp"

using namespace qmr;
using namespace qmr::detail;
using qmr::test::answer;
using qmr::test::slurm;

namespace {

const std::string heading = "qmr|ARRAY_JOB_ID|ARRAY_TASK_ID|ST|REASON|NAME|qmr\n";

ClientAnswer answer_with(const std::string& records) {
    return {.exit_code = 0, .ended = true, .out = heading + records, .err = {}};
}

Listing list(const std::string& records, std::string_view prefix = "q") {
    return slurm.read_status_answer(answer_with(records), prefix, "E", "");
}

JobState state_of(const std::string& code, const std::string& reason = "None") {
    const auto jobs = list("qmr|7|N/A|" + code + "|" + reason + "|q1.0|qmr\n");
    REQUIRE(jobs);
    REQUIRE(jobs->size() == 1);
    return jobs->front().state;
}

const std::string long_heading = "ARRAY_JOB_ID|ARRAY_TASK_ID|ST|EXIT_CODE|NODELIST|REASON|NAME|qmr\n";

std::vector<JobReport> ends_in_records(const std::string& records) {
    return slurm.read_account_answer(
        {.exit_code = 0, .ended = true, .out = long_heading + records, .err = {}});
}

JobReport end_of(const std::string& code, const std::string& reason, const std::string& status = "0") {
    const auto reports = ends_in_records("7|3|" + code + "|" + status + "|node7|" + reason + "|q1.0|qmr\n");
    REQUIRE(reports.size() == 1);
    return reports.front();
}

}  // namespace

TEST_CASE("each state of Slurm is one of ours") {
    CHECK(state_of("PD", "Priority") == JobState::pending);
    CHECK(state_of("PD", "BeginTime") == JobState::pending);
    CHECK(state_of("PD", "JobHeldUser") == JobState::held);
    CHECK(state_of("PD", "JobHeldAdmin") == JobState::held);
    CHECK(state_of("PD", "job requeued in held state") == JobState::held);
    CHECK(state_of("PD", "launch failed requeued held") == JobState::error);
    CHECK(state_of("SE", "job requeued in held state") == JobState::error);
    CHECK(state_of("RH") == JobState::held);
    CHECK(state_of("RQ") == JobState::pending);
    CHECK(state_of("R") == JobState::running);
    CHECK(state_of("CF") == JobState::running);
    CHECK(state_of("S") == JobState::suspended);
    CHECK(state_of("CG") == JobState::deleting);
    CHECK(state_of("XY") == JobState::unknown);
}

TEST_CASE("what has ended is not listed") {
    for (const char* code : {"BF", "CA", "CD", "DL", "F", "NF", "OOM", "PR", "TO"}) {
        CAPTURE(code);
        CHECK(list("qmr|7|N/A|" + std::string(code) + "|None|q1.0|qmr\n").value().empty());
    }
}

TEST_CASE("array tasks are listed with their index, and only those with the prefix") {
    const auto jobs = list(
        "qmr|7|12|R|None|q1.0|qmr\n"
        "qmr|7|13|PD|Priority|q1.0|qmr\n"
        "qmr|8|N/A|R|None|other|qmr\n");
    REQUIRE(jobs);
    REQUIRE(jobs->size() == 2);
    CHECK((*jobs)[0].JB_job_number == "7");
    CHECK((*jobs)[0].array_index == 12);
    CHECK((*jobs)[1].array_index == 13);
    CHECK((*jobs)[1].state_word == "PD");
}

TEST_CASE("names of other queue jobs may hold anything, newlines and bars too") {
    const auto jobs = list(
        "qmr|5|N/A|PD|None|a|b\nsecond line\n\nx|qmr\n"
        "qmr|6|N/A|PD|None||qmr\n"
        "qmr|7|N/A|R|None|q1.0|qmr\n");
    REQUIRE(jobs);
    REQUIRE(jobs->size() == 1);
    CHECK(jobs->front().JB_job_number == "7");
}

TEST_CASE("what does not come from squeue is no listing") {
    CHECK(list("").has_value());
    const auto read = [](const std::string& out) {
        return slurm.read_status_answer({.exit_code = 0, .ended = true, .out = out, .err = {}}, "q", "E", "");
    };
    CHECK_FALSE(read(""));
    CHECK_FALSE(read("\n"));
    CHECK_FALSE(read("JOBID PARTITION NAME\n"));
    CHECK_FALSE(read("qmr|7|N/A|R|None|q1.0|qmr\n"));
    CHECK_FALSE(read("welcome\n" + heading));
    CHECK_FALSE(read(heading + "qmr|x|N/A|R|None|q1.0|qmr\n"));
    CHECK_FALSE(read(heading + "qmr|7|x|R|None|q1.0|qmr\n"));
    CHECK_FALSE(read(heading + "qmr|7|N/A||None|q1.0|qmr\n"));
    CHECK_FALSE(read(heading + "qmr|7|N/A|R|q1.0|qmr\n"));
    CHECK_FALSE(read(heading + "qmr|7|N/A|R|None|q1.0|qm"));
    CHECK_FALSE(read(heading + "qmr|7|N/A|R|No\nne|q1.0|qmr\n"));
}

TEST_CASE("squeue is asked for the queue jobs of the user, one for each array task, in a form of our own") {
    const auto argv = slurm.status_command("squeue", "alice", "");
    CHECK(argv ==
          std::vector<std::string>{"squeue", "--user=alice", "--array", "--format=qmr|%F|%K|%t|%r|%j|qmr"});
}

TEST_CASE("how a queue job of Slurm ended is told with state and reason, memory and walltime kills by name") {
    CHECK(end_of("TO", "TimeLimit").cause == Cause::out_of_time);
    CHECK(end_of("OOM", "OutOfMemory").cause == Cause::out_of_memory);
    const JobReport failed = end_of("F", "NonZeroExitCode");
    CHECK(failed.cause == Cause::vanished);
    CHECK(failed.message == "Slurm says F, NonZeroExitCode");
    CHECK(failed.JB_name == "q1.0");
    CHECK(failed.array_index == 3);
    CHECK(end_of("NF", "NodeDown").message == "its node failed (NF, NodeDown)");
    CHECK(end_of("CA", "None").message == "it was cancelled (CA, None)");
}

TEST_CASE("what slurmstepd wrote before it killed a queue job names the cause") {
    const auto report = slurm.read_output(
        "task 3\nslurmstepd-vm: error: StepId=2.batch exceeded memory limit (192614400 > 104857600), being "
        "killed\nslurmstepd-vm: error: Exceeded job memory limit\n");
    REQUIRE(report);
    CHECK(report->cause == Cause::out_of_memory);
    CHECK(report->message ==
          "slurmstepd-vm: error: StepId=2.batch exceeded memory limit (192614400 > 104857600), being killed");
    const auto late = slurm.read_output(
        "slurmstepd-vm: error: *** JOB 9958 ON vm CANCELLED AT 2026-11-20T09:51:56 DUE TO TIME LIMIT ***\n");
    REQUIRE(late);
    CHECK(late->cause == Cause::out_of_time);
    CHECK_FALSE(slurm.read_output("my program: exceeded memory limit\n"));
    CHECK_FALSE(slurm.read_output(""));
}

TEST_CASE("the reason of a queue job of Slurm that waits is told, and of none that runs or has ended") {
    const auto reports =
        slurm.read_reason_answer(answer_with("qmr|7|1|R|None|q1.0|qmr\n"
                                             "qmr|7|2|PD|PartitionConfig|q1.0|qmr\n"
                                             "qmr|7|3|CD|None|q1.0|qmr\n"));
    REQUIRE(reports.size() == 1);
    CHECK(reports.front().array_index == 2);
    CHECK(reports.front().message == "PartitionConfig");
}

TEST_CASE("the exit code and the host of a queue job are told, as far as they are known") {
    CHECK(end_of("F", "NonZeroExitCode", "768").exit_code == 3);
    CHECK(end_of("CD", "None", "0").exit_code == 0);
    CHECK_FALSE(end_of("F", "JobLaunchFailure", "9").exit_code);
    CHECK_FALSE(end_of("F", "JobLaunchFailure", "53").exit_code);
    CHECK_FALSE(end_of("F", "NonZeroExitCode", "x").exit_code);
    CHECK_FALSE(end_of("CA", "None", "768").exit_code);
    CHECK(end_of("CD", "None").host == "node7");
    CHECK(ends_in_records("7|N/A|F|0|node[1-2]|None|q1.0|qmr\n").at(0).host.empty());
    CHECK(ends_in_records("7|N/A|F|0||None|q1.0|qmr\n").at(0).host.empty());
}

TEST_CASE("names of others that hold anything hide no end of ours, and what is cut off is none") {
    const std::string ours = "7|3|F|768|node7|NonZeroExitCode|q1.0|qmr\n";
    const auto reports = ends_in_records("6|N/A|CD|0|n|None|two\nlines|qmr|or|so|qmr\n" + ours);
    REQUIRE(reports.size() == 2);
    CHECK(reports[1].JB_name == "q1.0");
    for (std::size_t size = 0; size < ours.size(); ++size)
        CHECK(ends_in_records(ours.substr(0, size)).empty());
    CHECK(ends_in_records("7|3|R|0|node7|None|q1.0|qmr\n").empty());
}

TEST_CASE("what is listed of a cluster is known by its id and that cluster") {
    const std::string jobs = heading + "qmr|7|3|R|None|q1.0|qmr\n";
    const auto listing = slurm.read_status_answer(answer(0, "CLUSTER: other\n" + jobs), "q", "E", "other");
    REQUIRE(listing);
    REQUIRE(listing->size() == 1);
    CHECK(listing->front().JB_job_number == "7;other");
    CHECK(listing->front().array_index == 3);
    const auto all = slurm.read_status_answer(
        answer(0, "CLUSTER: a\n" + jobs + "\nCLUSTER: b\n" + heading + "\nCLUSTER: c\n" + jobs), "q", "E",
        "all");
    REQUIRE(all);
    REQUIRE(all->size() == 2);
    CHECK((*all)[0].JB_job_number == "7;a");
    CHECK((*all)[1].JB_job_number == "7;c");
}

TEST_CASE("a listing of another cluster than was asked for is no news") {
    const auto is_listing = [](const std::string& out, std::string_view place) {
        return slurm.read_status_answer(answer(0, out), "q", "E", place).has_value();
    };
    CHECK(is_listing(heading, ""));
    CHECK(is_listing("CLUSTER: other\n" + heading, "other"));
    CHECK_FALSE(is_listing(heading, "other"));
    CHECK_FALSE(is_listing("CLUSTER: home\n" + heading, "other"));
    CHECK_FALSE(is_listing("CLUSTER: other\n" + heading, ""));
    CHECK_FALSE(is_listing("CLUSTER: other\n", "other"));
    CHECK_FALSE(is_listing("CLUSTER: oth", "oth"));
    CHECK_FALSE(is_listing("CLUSTER: other\n" + heading + "\nCLUSTER: b\n", "all"));
}

TEST_CASE("each question about a queue job goes to its cluster") {
    CHECK(slurm.status_command("squeue", "alice", "other")[1] == "--clusters=other");
    for (const auto& argv :
         {slurm.reason_command("squeue", "7;other"), slurm.account_command("squeue", "7;other")}) {
        CHECK(argv[1] == "--clusters=other");
        CHECK(argv[2] == "--jobs=7");
    }
    CHECK(slurm.reason_command("squeue", "7")[1] == "--jobs=7");
    const auto reasons = slurm.read_reason_answer(
        answer(0, "CLUSTER: other\n" + heading + "qmr|7|N/A|PD|Priority|q1.0|qmr\n"));
    REQUIRE(reasons.size() == 1);
    CHECK(reasons[0].message == "Priority");
    const auto ends = slurm.read_account_answer(
        answer(0, "CLUSTER: other\n" + long_heading + "7|3|TO|0|node7|TimeLimit|q1.0|qmr\n"));
    REQUIRE(ends.size() == 1);
    CHECK(ends[0].cause == Cause::out_of_time);
}
