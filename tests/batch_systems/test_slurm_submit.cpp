#include <algorithm>
#include <catch2/catch.hpp>
#include <stdexcept>

#include "batch_systems/fixtures.hpp"
#include "decisions/batch_system.hpp"

using namespace qmr::detail;
using Kind = SubmitVerdict::Kind;
using qmr::test::slurm;

namespace {

SubmitRequest smallest_slurm_request() {
    SubmitRequest request;
    request.JB_name = "q1.0";
    request.command = {"/w/queue_job.sh", "/w/worker_launcher.sh", "0"};
    request.output_directory = "/w";
    return request;
}

bool has(const std::vector<std::string>& argv, const std::string& argument) {
    return std::find(argv.begin(), argv.end(), argument) != argv.end();
}

ClientAnswer failed(const std::string& err, int exit_code = 1) {
    return {.exit_code = exit_code, .ended = true, .out = {}, .err = err};
}

Kind kind_of(const std::string& err, std::uint64_t array_size = 0) {
    return slurm.read_submit_answer(failed(err), array_size).kind;
}

}  // namespace

TEST_CASE("sbatch runs a script in the work_dir, with its output there, appended") {
    CHECK(slurm.submit_command("sbatch", smallest_slurm_request()) ==
          std::vector<std::string>{"sbatch", "--parsable", "--job-name=q1.0", "--chdir=/w",
                                   "--output=/w/%j.1", "--open-mode=append", "--export=ALL", "--nodes=1",
                                   "--ntasks=1", "/w/queue_job.sh", "/w/worker_launcher.sh", "0"});
}

TEST_CASE("sbatch is told which hosts to leave out") {
    SubmitRequest request = smallest_slurm_request();
    request.excluded_hosts = {"node1", "node2.site.org"};
    CHECK(has(slurm.submit_command("sbatch", request), "--exclude=node1,node2"));
}

TEST_CASE("sbatch is asked for everything the user asks for, the user's own arguments last") {
    SubmitRequest request = smallest_slurm_request();
    request.array_size = 40;
    request.max_num_running = 3;
    request.queue_name = "short";
    request.account = "physics";
    request.memory_bytes = 1'000'000;
    request.walltime = std::chrono::seconds(2 * 3600 + 90);
    request.num_slots = 4;
    request.submit_arguments = {"--nice=5"};
    const auto argv = slurm.submit_command("sbatch", request);
    for (const char* argument :
         {"--array=1-40%3", "--partition=short", "--account=physics", "--mem-per-cpu=977K", "--time=2:01:30",
          "--cpus-per-task=4", "--output=/w/%A.%a"}) {
        CAPTURE(argument);
        CHECK(has(argv, argument));
    }
    CHECK(argv[argv.size() - 4] == "--nice=5");
}

TEST_CASE("a percent sign in a path is none of sbatch's patterns") {
    SubmitRequest request = smallest_slurm_request();
    request.output_directory = "/w/100%j";
    CHECK(has(slurm.submit_command("sbatch", request), "--output=/w/100%%j/%j.1"));
    CHECK(has(slurm.submit_command("sbatch", request), "--chdir=/w/100%j"));
}

TEST_CASE("a queue job of Slurm without a command is a bug of the caller") {
    SubmitRequest request = smallest_slurm_request();
    request.command.clear();
    CHECK_THROWS_AS(slurm.submit_command("sbatch", request), std::invalid_argument);
}

TEST_CASE("Slurm can not write to paths that its patterns or listings break on") {
    CHECK(slurm.cannot_carry("/w/a\\b").has_value());
    CHECK(slurm.cannot_carry("/w/a\nb").has_value());
    CHECK_FALSE(slurm.cannot_carry("/w/a b,c:d%j$HOME'\"").has_value());
}

TEST_CASE("a job id is read from each form in which sbatch prints it") {
    const auto id = [](const std::string& out) {
        return slurm.read_submit_answer({.exit_code = 0, .ended = true, .out = out, .err = {}}, 0)
            .JB_job_number;
    };
    CHECK(id("9884\n") == "9884");
    CHECK(id("9884;cluster\n") == "9884;cluster");
    CHECK(id("Submitted batch job 9884\n") == "9884");
    CHECK(id("Submitted batch job 9884 on cluster west\n") == "9884;west");
    CHECK(id("welcome to the cluster\n9884\n") == "9884");
    CHECK(id("9884\n9885\n").empty());
    CHECK(id("0\n").empty());
    CHECK(id("99999999999\n").empty());
    CHECK(id("").empty());
}

TEST_CASE("what sbatch can not have submitted is refused, and everything else is looked for by name") {
    CHECK(kind_of("sbatch: error: Batch job submission failed: Invalid partition name specified") ==
          Kind::refused);
    CHECK(kind_of("sbatch: error: Batch job submission failed: Invalid node name specified") ==
          Kind::refused);
    CHECK(slurm.read_submit_answer(failed("sbatch: unrecognized option '--nosuch'", 255), 0).kind ==
          Kind::refused);
    CHECK(kind_of("sbatch: error: Batch job submission failed: Socket timed out on send/recv operation") ==
          Kind::unclear);
    CHECK(kind_of("sbatch: error: Batch job submission failed: a sentence of a later version") ==
          Kind::unclear);
    CHECK(kind_of("") == Kind::unclear);
}

TEST_CASE("what a person is told of sbatch's answer are its lines that say why, wherever they stand") {
    const auto told = [](const std::string& err) { return slurm.read_submit_answer(failed(err), 0).message; };
    CHECK(
        told("sbatch: lua: Welcome, 42 nodes are up\nsbatch: error: You must name an account\nsbatch: error: "
             "Batch job submission failed: Unspecified error\n") ==
        "You must name an account; Batch job submission failed: Unspecified error");
    CHECK(told("Welcome\nsbatch: fatal: --mem and --mem-per-cpu are mutually exclusive.\n") ==
          "--mem and --mem-per-cpu are mutually exclusive.");
    CHECK(told("sbatch: unrecognized option '--nosuch'\nTry \"sbatch --help\" for more information\n") ==
          "sbatch: unrecognized option '--nosuch'; Try \"sbatch --help\" for more information");
    // What was refused is known by all lines.
    const auto verdict = slurm.read_submit_answer(
        failed("Invalid partition name specified\nsbatch: error: Batch job submission failed\n"), 0);
    CHECK(verdict.kind == Kind::refused);
    CHECK(verdict.message == "Batch job submission failed");
}

TEST_CASE("an array that meets a limit is tried smaller, a single queue job waits") {
    const std::string too_many =
        "sbatch: error: AssocMaxSubmitJobLimit\nsbatch: error: Batch job submission failed: Job violates "
        "accounting/QOS policy (job submit limit, user's size and/or time limits)";
    CHECK(kind_of(too_many, 100) == Kind::too_large);
    CHECK(kind_of(too_many, 1) == Kind::busy);
    CHECK(kind_of(too_many) == Kind::busy);
    const std::string too_long =
        "sbatch: error: QOSMaxWallDurationPerJobLimit\nsbatch: error: Batch job submission failed: Job "
        "violates "
        "accounting/QOS policy (job submit limit, user's size and/or time limits)";
    CHECK(kind_of(too_long, 100) == Kind::refused);
    const std::string no_array =
        "sbatch: error: Batch job submission failed: Invalid job array specification";
    const auto verdict = slurm.read_submit_answer(failed(no_array), 100);
    CHECK(verdict.kind == Kind::too_large);
    CHECK(verdict.max_array_size == 50);
    CHECK(kind_of(no_array, 1) == Kind::refused);
}

TEST_CASE("sbatch that is killed while it waits for room is no failure, but may have submitted") {
    ClientAnswer killed =
        failed("sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying");
    killed.ended = false;
    const auto verdict = slurm.read_submit_answer(killed, 10);
    CHECK(verdict.kind == Kind::unclear);
    CHECK(verdict.is_full);
    killed.err = "sbatch: error: something else";
    CHECK_FALSE(slurm.read_submit_answer(killed, 10).is_full);
}

TEST_CASE("the cluster that sbatch answers is a part of the number") {
    const auto number_in_answer = [](const std::string& out) {
        const SubmitVerdict verdict = slurm.read_submit_answer(qmr::test::answer(0, out), 0);
        return verdict.kind == Kind::accepted ? verdict.JB_job_number : "none";
    };
    CHECK(number_in_answer("9884\n") == "9884");
    CHECK(number_in_answer("9884;other\n") == "9884;other");
    CHECK(number_in_answer("Submitted batch job 9884 on cluster other\n") == "9884;other");
    CHECK(number_in_answer("Submitted batch job 9884\n") == "9884");
    CHECK(number_in_answer("9884;a,b\n") == "none");
    CHECK(number_in_answer("9884;a\n9884;b\n") == "none");
}

TEST_CASE("where submissions may go is told by the arguments, or else by the variable") {
    using Names = std::vector<std::string>;
    const auto places = [](const Names& arguments, const std::string& variable = {}) {
        return slurm.places_asked_for(arguments, variable);
    };
    CHECK(places({"--nice=1"}) == Names{""});
    CHECK(places({}, "a,b") == Names{"a", "b"});
    CHECK(places({"--clusters=c"}, "a") == Names{"c"});
    CHECK(places({"--clusters", "c,d"}) == Names{"c", "d"});
    CHECK(places({"-M", "c"}) == Names{"c"});
    CHECK(places({"-Mc"}) == Names{"c"});
    CHECK(places({"-Mc", "-M", "all"}) == Names{"all"});
}
