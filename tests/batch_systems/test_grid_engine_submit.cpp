#include <algorithm>
#include <catch2/catch.hpp>
#include <stdexcept>

#include "batch_systems/fixtures.hpp"
#include "decisions/batch_system.hpp"

using namespace qmr::detail;
using qmr::test::answer;
using qmr::test::grid_engine;
using qmr::test::grid_engine_fixtures;
using Kind = SubmitVerdict::Kind;

namespace {

SubmitRequest smallest_request() {
    SubmitRequest request;
    request.JB_name = "q123";
    request.command = {"/w/worker_launcher.sh", "a b", "", "$HOME"};
    request.output_directory = "/w";
    return request;
}

SubmitVerdict verdict_of(const std::string& fixture, std::uint64_t array_size = 0) {
    return grid_engine.read_submit_answer(grid_engine_fixtures.answer(fixture), array_size);
}

SubmitVerdict verdict_of(const ClientAnswer& given) {
    return grid_engine.read_submit_answer(given, 0);
}

}  // namespace

TEST_CASE("qsub runs a command as it is, in and with its output in the work_dir") {
    const std::vector<std::string> expected{"qsub",
                                            "-terse",
                                            "-sync",
                                            "n",
                                            "-now",
                                            "n",
                                            "-b",
                                            "y",
                                            "-shell",
                                            "n",
                                            "-N",
                                            "q123",
                                            "-j",
                                            "y",
                                            "-o",
                                            ":/w/$JOB_ID.$TASK_ID",
                                            "-wd",
                                            "/w",
                                            "/w/worker_launcher.sh",
                                            "a b",
                                            "",
                                            "$HOME"};
    CHECK(grid_engine.submit_command("qsub", smallest_request()) == expected);
}

TEST_CASE("qsub is asked for everything the user asks for, the user's own arguments last") {
    auto request = smallest_request();
    request.command = {"/w/run"};
    request.array_size = 1000;
    request.max_num_running = 50;
    request.queue_name = "all.q";
    request.account = "project";
    request.memory_bytes = 5'000'000'001;
    request.walltime = std::chrono::hours(2);
    request.num_slots = 4;
    request.parallel_environment = "smp";
    request.submit_arguments = {"-l", "os=deb 12"};
    const std::vector<std::string> expected{
        "/opt/qsub", "-terse",    "-sync",     "n",     "-now", "n",       "-b",     "y",
        "-shell",    "n",         "-N",        "q123",  "-j",   "y",       "-o",     ":/w/$JOB_ID.$TASK_ID",
        "-wd",       "/w",        "-q",        "all.q", "-P",   "project", "-l",     "h_vmem=5000000001",
        "-l",        "h_rt=7200", "-pe",       "smp",   "4",    "-t",      "1-1000", "-tc",
        "50",        "-l",        "os=deb 12", "/w/run"};
    CHECK(grid_engine.submit_command("/opt/qsub", request) == expected);
}

TEST_CASE("qsub is told which hosts to leave out, in one expression") {
    auto request = smallest_request();
    request.excluded_hosts = {"node1"};
    const auto has = [&](const std::string& expression) {
        const auto argv = grid_engine.submit_command("qsub", request);
        const auto at = std::find(argv.begin(), argv.end(), expression);
        return at != argv.end() && *std::prev(at) == "-l";
    };
    CHECK(has("h=!(node1)"));
    request.excluded_hosts = {"node1", "node2.site.org"};
    CHECK(has("h=!(node1|node2.site.org)"));
}

TEST_CASE("qsub is not told a limit of running array tasks for a single queue job, which it would refuse") {
    auto request = smallest_request();
    request.max_num_running = 50;
    const auto argv = grid_engine.submit_command("qsub", request);
    CHECK(std::find(argv.begin(), argv.end(), "-tc") == argv.end());
    CHECK(std::find(argv.begin(), argv.end(), "-t") == argv.end());
}

TEST_CASE("an array of one is still an array to qsub") {
    auto request = smallest_request();
    request.array_size = 1;
    const auto argv = grid_engine.submit_command("qsub", request);
    CHECK(std::find(argv.begin(), argv.end(), "1-1") != argv.end());
}

TEST_CASE("a request that qsub would take for something else is a bug of the caller") {
    auto request = smallest_request();
    SECTION("several slots without a parallel environment") {
        request.num_slots = 2;
    }
    SECTION("no command, where qsub would read a script from its standard input") {
        request.command.clear();
    }
    CHECK_THROWS_AS(grid_engine.submit_command("qsub", request), std::invalid_argument);
}

TEST_CASE("the job number is found in all forms of qsub's answer") {
    // Submitted one after the other, so the numbers are consecutive.
    std::uint64_t number = 0;
    for (const auto* const name :
         {"submit_accepted_single", "submit_accepted_single_long", "submit_accepted_single_sync",
          "submit_accepted_single_sync_long", "submit_accepted_array", "submit_accepted_array_long",
          "submit_accepted_array_of_one", "submit_accepted_array_with_a_step"}) {
        CAPTURE(name);
        const auto verdict = verdict_of(name);
        REQUIRE_FALSE(verdict.JB_job_number.empty());
        if (number == 0) number = std::stoull(verdict.JB_job_number);
        CHECK(verdict.JB_job_number == std::to_string(number));
        ++number;
    }
}

TEST_CASE("what wrappers of a site print around qsub's answer does not matter") {
    const auto verdict =
        verdict_of(answer(0, "\nWelcome to the cluster, 42 nodes are up.\n  7.1-10:1 \r\nquota: 10\n0\n",
                          "warning: -P not given\n"));
    CHECK(verdict.kind == Kind::accepted);
    CHECK(verdict.JB_job_number == "7");
    CHECK(verdict_of(answer(0, "5\n5\n")).JB_job_number == "5");
}

TEST_CASE("an answer without one certain job number is unclear") {
    const auto out = GENERATE("", "\n", "0\n", "12 13\n", "5\n6\n", "1.2.3\n", "7.\n", "7.1-10:1,12\n",
                              "-5\n", "ok\n", "7.10-1:1\n", "Your job has been submitted\n");
    CAPTURE(out);
    const auto verdict = verdict_of(answer(0, out));
    CHECK(verdict.kind == Kind::unclear);
    CHECK(verdict.JB_job_number.empty());
    CHECK_FALSE(verdict.message.empty());
}

TEST_CASE("a refusal is told by the line that says why") {
    CHECK(verdict_of("submit_refused_unknown_queue").message ==
          R"(Unable to run job: Job was rejected because job requests unknown queue "nosuch.q")");
    CHECK(verdict_of("submit_refused_unknown_option").message == R"(qsub: invalid option argument "-zzz")");
    const auto noisy =
        answer(1, "", "\nwarning: module not found\nUnable to run job: unknown resource \"gpu\"\nExiting.\n");
    CHECK(verdict_of(noisy).kind == Kind::refused);
    CHECK(verdict_of(noisy).message == "Unable to run job: unknown resource \"gpu\"");
}

TEST_CASE("a queue job that has to start at once or not at all is tried again while no slot is free for it") {
    const auto err = GENERATE(
        "Waiting for immediate job to be scheduled.\n\nYour qsub request could not be scheduled; try again "
        "later.\n",
        "Waiting for immediate job to be scheduled.\nYour \"qsub\" request could not be scheduled, try again "
        "later.\n");
    const auto verdict = verdict_of(answer(1, "", err));
    CHECK(verdict.kind == Kind::busy);
    CHECK_THAT(verdict.message, Catch::StartsWith("Your ") && Catch::EndsWith("try again later."));
}

TEST_CASE("an answer that is not known is told by the lines that say why, wherever they stand") {
    const std::string why = "Unable to run job: the moon is full";
    CHECK(verdict_of(answer(1, "Welcome to the cluster.\n", "quota: 10\n" + why + "\nExiting.\n")).message ==
          why);
    CHECK(verdict_of("submit_unreachable_qmaster_dead").message ==
          "error: commlib error: got select error (Connection refused); Unable to run job: unable to send "
          "message to qmaster using port 6444 on host \"vm\": got send error");
    CHECK(verdict_of(answer(1, "", "Waiting for immediate job to be scheduled.\nno\nidea\nExiting.\n"))
              .message == "no; idea");
}

TEST_CASE("what a person is told of a long answer of qsub is short, and has the end of it") {
    std::string out;
    for (int i = 0; i < 1000; ++i) out += "line " + std::to_string(i) + "\n";
    const auto verdict = verdict_of(answer(1, out));
    CHECK(verdict.message.size() < 600);
    CHECK_THAT(verdict.message, Catch::StartsWith("...; line ") && Catch::EndsWith("; line 998; line 999"));
    CHECK(verdict_of(answer(1, std::string(10'000, 'x'))).message.size() < 600);
}

TEST_CASE("names that Grid Engine does not take are refused") {
    const auto err = GENERATE("Colon (':') not allowed in objectname\n",
                              "denied: \"1abc\" is not a valid object name (cannot start with a digit)\n",
                              "job name too long, maximum allowed length is 512 characters\n");
    CAPTURE(err);
    CHECK(verdict_of(answer(1, "", err)).kind == Kind::refused);
    CHECK(verdict_of(answer(1, err)).kind == Kind::refused);
}

TEST_CASE("a limit is a limit also when a wrapper loses exit code 25, and exit code 25 without a word") {
    auto limit = grid_engine_fixtures.answer("submit_busy_jobs_of_the_user");
    limit.exit_code = 1;
    CHECK(verdict_of(limit).kind == Kind::busy);
    CHECK(verdict_of(answer(25, "")).kind == Kind::busy);
    CHECK_FALSE(verdict_of(answer(25, "")).message.empty());
}

TEST_CASE("a submission that nobody answered is unclear") {
    const auto err = GENERATE(
        "Unable to run job: unable to send message to qmaster using port 6444 on host \"vm\": got "
        "read error\nExiting.\n",
        "Interrupted!\nPlease wait while qsub shuts down.\n", "Segmentation fault\n", "");
    const auto exit_code = GENERATE(1, 126, 127, 137, -1);
    CAPTURE(err, exit_code);
    CHECK(verdict_of(answer(exit_code, "", err)).kind == Kind::unclear);
    CHECK_FALSE(verdict_of(answer(exit_code, "", err)).message.empty());
}

TEST_CASE("each sign of a lost connection outweighs an exit code of bad options") {
    const auto err = GENERATE("error: commlib error: access denied\n", "unable to send message to qmaster\n",
                              "got send error\n", "got read error\n", "unable to contact qmaster\n",
                              "Error reading answer list from qmaster\n");
    CAPTURE(err);
    CHECK(verdict_of(answer(7, "", err)).kind == Kind::unclear);
}

TEST_CASE("a refusal by a site's job submission verifier is a refusal") {
    CHECK(verdict_of(answer(1, "", "Unable to run job: JSV rejected job\nExiting.\n")).kind == Kind::refused);
}

TEST_CASE("a qsub without connection is unclear whatever else its answer looks like") {
    auto dead = grid_engine_fixtures.answer("submit_unreachable_qmaster_dead");
    SECTION("an exit code of its own complaints") {
        dead.exit_code = 7;
    }
    SECTION("a refusal, too") {
        dead.err += "job rejected\n";
    }
    CHECK(verdict_of(dead).kind == Kind::unclear);
}

TEST_CASE("a qsub that was killed is unclear, even if it printed something") {
    for (const auto& name : grid_engine_fixtures.names("submit_")) {
        CAPTURE(name);
        auto killed = grid_engine_fixtures.answer(name);
        killed.ended = false;
        CHECK(verdict_of(killed).kind == Kind::unclear);
        CHECK(verdict_of(killed).JB_job_number.empty());
    }
}
