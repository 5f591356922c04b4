// What the doctor makes of what it has seen.

#include <catch2/catch.hpp>

#include "cli/doctor_checks.hpp"
#include "cli/doctor_directory.hpp"
#include "cli/doctor_probe_checks.hpp"
#include "cli/doctor_progress.hpp"

using namespace qmr;
using namespace qmr::cli;

namespace {

ProbeAnswer answer_at(double time) {
    ProbeAnswer answer;
    answer.host = "node7";
    answer.is_same_directory = answer.is_same_variable = true;
    answer.time = time;
    return answer;
}

Check check_named(const std::string& name, const std::vector<Check>& checks) {
    for (const Check& check : checks)
        if (check.name == name) return check;
    FAIL("there is no check " + name);
    return {};
}

Check clock_at(double time) {
    return check_named("clock", checks_of_probe(answer_at(time), {100, 110}));
}

Check work_dir_at(double time, double latency, bool is_local = false) {
    return check_named("work_dir",
                       checks_of_probe(answer_at(time), {100, 110, is_local, true, Seconds{latency}}));
}

DirectoryFacts facts_of(const std::string& path, const std::string& file_system) {
    return {path, "", false, 5'000'000'000, file_system};
}

BatchSystemPrograms programs_of(const std::string& system, const std::string& submit,
                                const std::string& account) {
    return {system,
            {{"qsub_path", "qsub", submit},
             {"qstat_path", "qstat", "/bin/qstat"},
             {"qdel_path", "qdel", "/bin/qdel"},
             {"qacct_path", "qacct", account, false}}};
}

BatchSystemPrograms nothing_of(const std::string& system) {
    BatchSystemPrograms found = programs_of(system, "", "");
    for (ClientProgram& program : found.programs) program.path.clear();
    return found;
}

}  // namespace

TEST_CASE("cli, doctor: a check is a line with a mark, and a second line with advice") {
    CHECK(to_text({Mark::well, "queue", "local cores"}) == "ok  queue        local cores\n");
    CHECK(to_text({Mark::wrong, "directory", "full", "clean"}) ==
          "!!  directory    full\n                 clean\n");
    CHECK(to_text({Mark::not_checked, "clock", "x"}) == "--  clock        x\n");
}

TEST_CASE("cli, doctor: checks survive as JSON, which tells whether all is well") {
    const std::vector<Check> checks{{Mark::not_checked, "clock", "none"}, {Mark::well, "queue", "sge"}};
    const auto object = to_json(checks);
    CHECK(object.dump() == R"({"is_well":true,"checks":[)"
                           R"({"check":"clock","mark":"not_checked","found":"none","advice":""},)"
                           R"({"check":"queue","mark":"ok","found":"sge","advice":""}]})");
    CHECK(to_json(checks_from_json(object)) == object);
    CHECK_FALSE(to_json(std::vector<Check>{{Mark::wrong, "queue", "x"}}).at("is_well"));
}

TEST_CASE("cli, doctor: a clock is wrong when it is off by more than what the probe may have taken") {
    CHECK(clock_at(105).mark == Mark::well);
    CHECK(clock_at(105).found == "that of node7 is less than 5 s from ours");
    CHECK(clock_at(110.9).mark == Mark::well);
    CHECK(clock_at(112).mark == Mark::wrong);
    CHECK(clock_at(112).found == "that of node7 is at least 2 s ahead of ours");
    CHECK(clock_at(98).mark == Mark::wrong);
    CHECK(clock_at(98).found == "that of node7 is at least 2 s behind ours");
}

TEST_CASE("cli, doctor: a result that is seen late asks for another file_system_latency") {
    CHECK(work_dir_at(107, 60).mark == Mark::well);
    CHECK(work_dir_at(107, 60).found ==
          "node7 sees it; a result is seen here within 3 s (file_system_latency: 60 s)");
    CHECK(work_dir_at(107, 2).mark == Mark::wrong);
    CHECK_THAT(work_dir_at(107, 2).advice, Catch::Contains("--file-system-latency 6"));
    CHECK(work_dir_at(107, 2, true).mark == Mark::well);
    // By a clock that is wrong nothing can be told.
    CHECK(work_dir_at(95, 2).mark == Mark::well);
    CHECK_THAT(work_dir_at(95, 2).found, Catch::Contains("can not be told, since the clocks differ"));
}

TEST_CASE("cli, doctor: what the tasks would get in another way than the caller has it is wrong") {
    ProbeAnswer answer = answer_at(105);
    const auto check = [&](bool is_exported) {
        return check_named("environment", checks_of_probe(answer, {100, 110, false, is_exported}));
    };
    CHECK(check(true).mark == Mark::well);
    answer.is_same_variable = false;
    CHECK(check(true).mark == Mark::wrong);
    CHECK(check(false).mark == Mark::well);
    answer.is_same_variable = true;
    answer.is_same_directory = false;
    answer.current_directory = "/export/home";
    CHECK(check(true).mark == Mark::wrong);
    CHECK_THAT(check(true).found, Catch::Contains("/export/home"));
}

TEST_CASE("cli, doctor: a failure of the probe is passed on with its host and what to do") {
    TaskFailure failure;
    failure.cause = Cause::out_of_memory;
    failure.message = "killed";
    failure.host = "node7";
    CHECK(check_failure(failure).found == "failed: killed on node7");
    CHECK(check_failure(failure).advice == "ask for more by --memory");
    failure.message = "exit code 127 on node7";
    failure.cause = Cause::vanished;
    CHECK(check_failure(failure).found == "failed: exit code 127 on node7");
    CHECK_THAT(check_failure(failure).advice, Catch::Contains("under the same paths"));
}

TEST_CASE("cli, doctor: file systems have names, and those that nodes hardly share are warned of") {
    CHECK(file_system_name(0x6969) == "nfs");
    CHECK(file_system_name(0x01021994) == "tmpfs");
    CHECK(file_system_name(0x12345678) == "file system 0x12345678");
    for (const auto& facts : {facts_of("/home/me", "overlay"), facts_of("/tmp", "ext4")}) {
        CHECK(check_directory(facts, true).mark == Mark::well);
        CHECK_THAT(check_directory(facts, true).advice, Catch::Contains("of this host alone"));
        CHECK(check_directory(facts, false).advice.empty());
    }
    CHECK(check_directory(facts_of("/tmpx", "nfs"), true).advice.empty());
    CHECK(check_directory(facts_of("/home/me", "nfs"), true).found == "/home/me: nfs, 5 GB free");
}

TEST_CASE("cli, doctor: a directory where no map can be is wrong") {
    DirectoryFacts facts = facts_of("/home/me", "nfs");
    facts.is_noexec = true;
    CHECK(check_directory(facts, true).mark == Mark::wrong);
    CHECK_THAT(check_directory(facts, true).found, Catch::Contains("noexec"));
    facts.why_not = "can not be written to: Permission denied";
    CHECK_THAT(check_directory(facts, true).found,
               Catch::EndsWith("; it can not be written to: Permission denied"));
    CHECK_THAT(check_directory(facts, true).advice, Catch::Contains("--work-dir"));
}

TEST_CASE("cli, doctor: missing programs are wrong when their batch system is named") {
    const std::vector missing{programs_of("sge", "", "/bin/qacct")};
    CHECK(check_programs(missing, true).at(0).mark == Mark::wrong);
    CHECK(check_programs(missing, true)[0].found ==
          "sge: qsub is not in $PATH, /bin/qstat, /bin/qdel, /bin/qacct");
    CHECK_THAT(check_programs(missing, true)[0].advice, Catch::EndsWith("--qsub-path"));
    CHECK(check_programs(missing, false).at(0).mark == Mark::not_checked);
    CHECK(check_programs(std::vector{nothing_of("sge")}, false).at(0).found ==
          "sge: qsub, qstat, qdel are not there");
    const std::vector lesser{programs_of("sge", "/bin/qsub", "")};
    CHECK(check_programs(lesser, true).at(0).mark == Mark::well);
    CHECK_THAT(check_programs(lesser, true)[0].advice, Catch::Contains("--qacct-path"));
}

TEST_CASE("cli, doctor: with local cores it is told how many tasks run at a time") {
    const Check check = check_queue({"local", "local cores", "", 4}, Seconds{1}, PoolOptions());
    CHECK(check.mark == Mark::well);
    CHECK(check.found == "local cores: 4 at a time");
}

TEST_CASE("cli, doctor: of the progress of a map its sentences are kept, and where its queue job is") {
    ProgressReader reader;
    CHECK(reader.where_it_is() == "is not submitted yet");
    CHECK(reader.take("{\"message\": \"a pl").empty());
    CHECK(reader.take("an\"}\n{\"running\": 0, \"pending\": 1}\nanything\n") ==
          std::vector<std::string>{"a plan", "anything"});
    CHECK(reader.where_it_is() == "waits in the queue");
    CHECK(reader.take("{\"running\": 1, \"pending\": 0}\n").empty());
    CHECK(reader.where_it_is() == "runs, and has no result yet");
    CHECK(reader.take("{\"running\": 0, \"pending\": 0}\n").empty());
    CHECK(reader.where_it_is() == "has left the queue, and no result is seen yet");
}
