#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "conformance/queue.hpp"

using namespace qmr::conformance;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

std::map<std::string, std::string> variables_in(const std::string& text) {
    std::map<std::string, std::string> variables;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        variables.emplace(line.substr(0, line.find('=')), line.substr(line.find('=') + 1));
    }
    return variables;
}

/// Lines of qstat -j and qacct -j that begin with one of these words, without what differs each time.
std::string lines_with(const std::string& text, const std::vector<std::string>& keys) {
    static const std::regex origin(R"(\d\d/\d\d/\d{4} \d\d:\d\d:\d\d \[\d+:\d+\])");
    std::string found;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        for (const auto& key : keys) {
            if (line.starts_with(key)) found += std::regex_replace(line, origin, "ORIGIN") + "\n";
        }
    }
    return found;
}

const std::vector<std::string> ends{"====",  "jobname", "jobnumber",   "taskid",  "granted_pe",
                                    "slots", "failed",  "exit_status", "category"};

/// As soon as there are so many records, which is a little after the end.
std::string account_of(Queue& queue, const std::string& number, int num_records) {
    std::string found;
    for (int i = 0; i < 400; ++i) {
        found = lines_with(queue.qacct({"-j", number}).out, ends);
        int num = 0;
        for (auto at = found.find("jobname"); at != std::string::npos; at = found.find("jobname", at + 1))
            ++num;
        if (num >= num_records) break;
    }
    return found;
}

std::string record(const std::string& name, const std::string& number, const std::string& task,
                   const std::string& failed, const std::string& exit_status,
                   const std::string& category = "NONE") {
    return fmt::format(
        "{:=<62}\njobname      {:<20}\njobnumber    {:<20}\ntaskid       {}\ngranted_pe   NONE               "
        " \n"
        "slots        1                   \nfailed       {}\nexit_status  {:<20}{}\ncategory     {}\n",
        "", name, number, task == "undefined" ? task : fmt::format("{:<20}", task), failed,
        exit_status.substr(0, exit_status.find(' ')),
        exit_status.find(' ') == std::string::npos ? "" : exit_status.substr(exit_status.find(' ')),
        category);
}

}  // namespace

TEST_CASE("conformance: what can not start is in error, and qstat -j says why", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    const auto output = queue->submit("output", {"-o", ":/no/such/dir/out"}, {"/bin/true"});
    const auto place = queue->submit("place", {"-wd", "/no/such/dir"}, {"/bin/true"});
    const auto program = queue->submit("program", {}, {"/no/such/program"});
    const auto array =
        queue->submit_shell("array", {"-t", "1-3"}, "if [ $SGE_TASK_ID != 1 ]; then exit 100; fi");
    wait_for(*queue, {{output, "output", "Eqw"},
                      {place, "place", "Eqw"},
                      {program, "program", "Eqw"},
                      {array, "array", "Eqw", "2,3"}});
    const auto reasons = [&](const std::string& numbers) {
        const auto answer = queue->qstat({"-j", numbers});
        CHECK(answer.exit_code == 0);
        CHECK(answer.err.empty());
        return lines_with(answer.out,
                          {"====", "job_number", "job_name", "job-array", "error reason", "scheduling"});
    };
    const auto paragraph = [](const std::string& number, const std::string& name, const std::string& rest) {
        return std::string(62, '=') + "\njob_number:                 " + number +
               "\njob_name:                   " + name + "\n" + rest +
               "scheduling info:            Job is in error state\n";
    };
    const auto why = [](int task, const std::string& reason) {
        return fmt::format("error reason {:>10}:      ORIGIN: {}\n", task, reason);
    };
    const auto of_output =
        paragraph(output, "output",
                  why(1, "error: can't open output file \"/no/such/dir/out\": No such file or directory"));
    const auto of_array =
        paragraph(array, "array",
                  "job-array tasks:            1-3:1\n" + why(2, "exit_status of job start = 100") +
                      why(3, "exit_status of job start = 100"));
    CHECK(reasons(output) == of_output);
    CHECK(reasons(place) ==
          paragraph(place, "place", why(1, "error: can't chdir to /no/such/dir: No such file or directory")));
    CHECK_THAT(
        reasons(program),
        EndsWith("failed: No such file or directory\nscheduling info:            Job is in error state\n"));
    CHECK(reasons(array) == of_array);
    CHECK(reasons(output + "," + array) == of_output + of_array);
    CHECK(reasons(output + ",999999") == of_output);
    CHECK(reasons("output") == of_output);
    CHECK(account_of(*queue, output, 1) ==
          record("output", output, "undefined", "26  : opening input/output file", "0"));
    CHECK(account_of(*queue, place, 1) ==
          record("place", place, "undefined", "28  : changing into working directory", "0"));
    CHECK(queue->qdel({output, place, program, array}).exit_code == 0);
    wait_until_empty(*queue);
}

TEST_CASE("conformance: nobody knows what was never submitted", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    check(queue->qstat({"-j", "999999"}), 1, "", "Following jobs do not exist: \n999999\n");
    check(queue->qstat({"-j", "999998,999999"}), 1, "", "Following jobs do not exist: \n999998, 999999\n");
    check(queue->qstat({"-j", "no_such_name"}), 1, "", "Following jobs do not exist: \nno_such_name\n");
    check(queue->qacct({"-j", "999999"}), 1, "", "error: job id 999999 not found\n");
    check(queue->qacct({"-j", "no_such_name"}), 1, "", "error: job name no_such_name not found\n");
}

TEST_CASE("conformance: qacct tells how queue jobs ended", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    const auto ended = queue->submit_shell("ended", {"-l", "h_vmem=2G,h_rt=0:10:0"}, "exit 3");
    const auto killed = queue->submit_shell("killed", {}, "kill -9 $$");
    const auto array = queue->submit_shell("array", {"-t", "2-4:2"}, "exit $SGE_TASK_ID");
    wait_until_empty(*queue);
    CHECK(account_of(*queue, ended, 1) ==
          record("ended", ended, "undefined", "0    ", "3", "-l h_rt=600,h_vmem=2G"));
    CHECK(account_of(*queue, killed, 1) ==
          record("killed", killed, "undefined", "100 : assumedly after job", "137 (Killed)"));
    const auto both = account_of(*queue, array, 2);
    CHECK(both == record("array", array, "2", "0    ", "2") + record("array", array, "4", "0    ", "4"));
    CHECK(lines_with(queue->qacct({"-j", array, "-t", "4"}).out, ends) ==
          record("array", array, "4", "0    ", "4"));
    CHECK(lines_with(queue->qacct({"-j", array + ".2"}).out, ends) == both);
}

TEST_CASE("conformance: exit code 99 lets a queue job run again", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    const auto again = queue->submit_shell(
        "again", {"-wd", queue->directory().native()},
        "if [ $RESTARTED = 0 ]; then exit 99; fi; while [ ! -e go ]; do sleep 0.05; done");
    wait_for(*queue, {{again, "again", "Rq"}});
    wait_for(*queue, {{again, "again", "Rr"}});
    queue->write("go", "");
    wait_until_empty(*queue);
    CHECK(account_of(*queue, again, 2) == record("again", again, "undefined", "25  : rescheduling", "99") +
                                              record("again", again, "undefined", "0    ", "0"));
}

TEST_CASE("conformance: where the output goes, and that it is appended to", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    const auto place = queue->directory().native();
    queue->write("both.sh", "#!/bin/sh\necho out $1\necho err >&2\n");
    const auto submit = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "-terse");
        const auto answer = queue->qsub(arguments);
        REQUIRE(answer.exit_code == 0);
        return answer.out.substr(0, answer.out.find_first_of(".\n"));
    };
    std::filesystem::create_directory(queue->directory() / "sub");
    std::filesystem::permissions(queue->directory() / "sub", std::filesystem::perms(0777));
    const auto plain = submit({"-cwd", "both.sh", "1"});
    const auto array = submit({"-cwd", "-N", "array", "-t", "2-3", "-j", "y", "both.sh", "2"});
    const auto inside = submit({"-wd", place, "-N", "in", "-o", "sub", "-e", "sub", "both.sh", "3"});
    const auto named =
        submit({"-cwd", "-N", "named", "-j", "y", "-o", "$JOB_NAME-$JOB_ID-$TASK_ID-$USER", "both.sh", "4"});
    queue->write("old", "old\n");
    std::filesystem::permissions(queue->directory() / "old", std::filesystem::perms(0666));
    submit({"-cwd", "-j", "y", "-o", ":" + place + "/old", "both.sh", "5"});
    wait_until_empty(*queue);
    CHECK(queue->text("both.sh.o" + plain) == "out 1\n");
    CHECK(queue->text("both.sh.e" + plain) == "err\n");
    CHECK(queue->text("array.o" + array + ".2") == "out 2\nerr\n");
    CHECK(queue->text("array.o" + array + ".3") == "out 2\nerr\n");
    CHECK(queue->text("sub/in.o" + inside) == "out 3\n");
    CHECK(queue->text("sub/in.e" + inside) == "err\n");
    CHECK(queue->text("named-" + named + "-0-" + queue->user()) == "out 4\nerr\n");
    CHECK(queue->text("old") == "old\nout 5\nerr\n");
}

TEST_CASE("conformance: the environment of a queue job", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    const auto place = queue->directory().native();
    const auto single =
        queue->submit("single", {"-o", ":" + place + "/single", "-v", "MINE=1"}, {"/usr/bin/env"});
    const auto array = queue->submit(
        "array", {"-t", "2-6:4", "-wd", place, "-o", ":" + place + "/array.$TASK_ID", "-pe", "smp", "1"},
        {"/usr/bin/env"});
    wait_until_empty(*queue);
    const auto of_single = variables_in(queue->text("single"));
    const auto of_array = variables_in(queue->text("array.6"));
    CHECK(queue->text("array.2").size() == queue->text("array.6").size());

    std::set<std::string> names;
    for (const auto& [name, value] : of_single) names.insert(name);
    // The first three are those of whoever started the daemons, the others depend on the submitter's.
    for (const auto* const name : {"LANG", "PWD", "LC_ALL", "SGE_O_MAIL", "SGE_O_SHELL"}) names.erase(name);
    CHECK(names == std::set<std::string>{"ARC",
                                         "ENVIRONMENT",
                                         "HOME",
                                         "HOSTNAME",
                                         "JOB_ID",
                                         "JOB_NAME",
                                         "JOB_SCRIPT",
                                         "LOGNAME",
                                         "MINE",
                                         "NHOSTS",
                                         "NQUEUES",
                                         "NSLOTS",
                                         "PATH",
                                         "QUEUE",
                                         "REQNAME",
                                         "REQUEST",
                                         "RESTARTED",
                                         "SGE_ACCOUNT",
                                         "SGE_ARCH",
                                         "SGE_BINARY_PATH",
                                         "SGE_CELL",
                                         "SGE_CWD_PATH",
                                         "SGE_JOB_SPOOL_DIR",
                                         "SGE_O_HOME",
                                         "SGE_O_HOST",
                                         "SGE_O_LOGNAME",
                                         "SGE_O_PATH",
                                         "SGE_O_WORKDIR",
                                         "SGE_ROOT",
                                         "SGE_STDERR_PATH",
                                         "SGE_STDIN_PATH",
                                         "SGE_STDOUT_PATH",
                                         "SGE_TASK_FIRST",
                                         "SGE_TASK_ID",
                                         "SGE_TASK_LAST",
                                         "SGE_TASK_STEPSIZE",
                                         "SHELL",
                                         "TERM",
                                         "TMP",
                                         "TMPDIR",
                                         "USER"});
    CHECK(of_array.contains("PE"));

    const auto check_values = [](const auto& variables, const std::map<std::string, std::string>& expected) {
        for (const auto& [name, value] : expected) {
            CAPTURE(name);
            REQUIRE(variables.contains(name));
            CHECK(variables.at(name) == value);
        }
    };
    check_values(of_single, {{"JOB_ID", single},
                             {"JOB_NAME", "single"},
                             {"REQNAME", "single"},
                             {"REQUEST", "single"},
                             {"JOB_SCRIPT", "/usr/bin/env"},
                             {"MINE", "1"},
                             {"USER", queue->user()},
                             {"LOGNAME", queue->user()},
                             {"SHELL", "/bin/sh"},
                             {"TERM", ""},
                             {"QUEUE", "all.q"},
                             {"ENVIRONMENT", "BATCH"},
                             {"NSLOTS", "1"},
                             {"NHOSTS", "1"},
                             {"NQUEUES", "1"},
                             {"RESTARTED", "0"},
                             {"SGE_ACCOUNT", "sge"},
                             {"SGE_CELL", "default"},
                             {"SGE_TASK_ID", "undefined"},
                             {"SGE_TASK_FIRST", "undefined"},
                             {"SGE_TASK_LAST", "undefined"},
                             {"SGE_TASK_STEPSIZE", "undefined"},
                             {"SGE_STDIN_PATH", "/dev/null"},
                             {"SGE_STDOUT_PATH", place + "/single"},
                             {"SGE_STDERR_PATH", place + "/single"},
                             {"SGE_CWD_PATH", of_single.at("HOME")},
                             {"SGE_O_WORKDIR", place},
                             {"SGE_O_LOGNAME", queue->user()}});
    check_values(of_array, {{"JOB_ID", array},
                            {"PE", "smp"},
                            {"SGE_TASK_ID", "6"},
                            {"SGE_TASK_FIRST", "2"},
                            {"SGE_TASK_LAST", "6"},
                            {"SGE_TASK_STEPSIZE", "4"},
                            {"SGE_CWD_PATH", place},
                            {"SGE_STDOUT_PATH", place + "/array.6"}});
    CHECK_THAT(of_single.at("TMPDIR"), EndsWith("/" + single + ".1.all.q"));
    CHECK_THAT(of_array.at("TMPDIR"), EndsWith("/" + array + ".6.all.q"));
    CHECK(of_array.at("TMP") == of_array.at("TMPDIR"));
    CHECK(of_array.at("PATH") == of_array.at("TMPDIR") + ":/usr/local/bin:/bin:/usr/bin");
}
