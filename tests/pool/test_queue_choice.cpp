#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "pool/own_path.hpp"
#include "pool/queue_choice.hpp"
#include "qmr/error.hpp"
#include "temporary_directory.hpp"

using namespace qmr;
using namespace qmr::detail;
using test::OwnPath;

namespace {

PoolOptions grid_engine() {
    PoolOptions options;
    options.batch_system = "sge";
    return options;
}

PoolOptions automatic() {
    PoolOptions options;
    options.batch_system = "auto";
    return options;
}

}  // namespace

TEST_CASE("what a batch system would be asked for is checked without asking it, where only one is here") {
    const OwnPath path;
    CHECK(foresee_queue(automatic()).value().name() == "local");
    auto options = automatic();
    options.qsub_path = "/not/there";
    CHECK_THROWS_WITH(foresee_queue(options), Catch::Contains("qsub_path = '/not/there'"));
    test::add_programs_of_grid_engine(path);
    path.add("qstat", "touch " + path.of("asked"));
    options = automatic();
    CHECK(foresee_queue(options).value().name() == "sge");
    options.resources.slots = 2;
    CHECK_THROWS_WITH(foresee_queue(options), Catch::Contains("parallel_environment"));
    for (const char* program : {"sbatch", "squeue", "scancel"}) path.add(program, "exit 1\n");
    CHECK_FALSE(foresee_queue(options).has_value());
    CHECK_FALSE(std::filesystem::exists(path.of("asked")));
}

TEST_CASE("auto takes the batch system whose programs answer, and says so") {
    const OwnPath path;
    path.add("qsub", "exit 1\n");
    path.add("qstat", test::empty_listing);
    path.add("qdel", "exit 1\n");
    const QueueChoice choice = choose_queue(automatic());
    CHECK(choice.name() == "sge");
    CHECK_THAT(choice.reason,
               Catch::Contains("sge") && Catch::Contains("/qsub") && Catch::Contains("answers"));
}

TEST_CASE("auto takes the local cores where no program of a batch system is, and says so") {
    const OwnPath path;
    const QueueChoice choice = choose_queue(automatic());
    CHECK(choice.name() == "local");
    CHECK_THAT(choice.reason, Catch::Contains("local cores") && Catch::Contains("no batch system"));
}

TEST_CASE(
    "auto stops where the batch system does not answer, tells what it said, and how to have local cores") {
    const OwnPath path;
    path.add("qsub", "exit 1\n");
    path.add("qdel", "exit 1\n");
    std::string complaint;
    SECTION("an error") {
        complaint = "cannot reach qmaster";
        path.add("qstat", "echo 'cannot reach qmaster' >&2; exit 1\n");
    }
    SECTION("the qstat of another system") {
        complaint = "the answer is no list of queue jobs: job id  name  user";
        path.add("qstat", "echo 'job id  name  user'; echo more\n");
    }
    SECTION("nothing at all") {
        complaint = "the answer is no list of queue jobs";
        path.add("qstat", "exit 0\n");
    }
    CHECK_THROWS_AS(choose_queue(automatic()), QueueError);
    CHECK_THROWS_WITH(
        choose_queue(automatic()),
        "map: " + path.of("qstat") + " does not answer as sge does (" + complaint +
            "); nothing was submitted; to compute on the cores of this host, choose them by name "
            "(QMR_BATCH_SYSTEM=local, --batch-system local)");
    PoolOptions options;
    options.batch_system = "local";
    CHECK(choose_queue(options).name() == "local");
}

TEST_CASE("auto tells of each batch system that does not answer") {
    const OwnPath path;
    test::add_programs_of_grid_engine(path);
    for (const char* program : {"sbatch", "squeue", "scancel"}) path.add(program, "exit 2\n");
    CHECK_THROWS_WITH(
        choose_queue(automatic()),
        Catch::StartsWith("map: " + path.of("qstat") + " does not answer as sge does (exit code 1), and " +
                          path.of("squeue") + " does not answer as slurm does (exit code 2);"));
}

TEST_CASE("auto stops where a part of a batch system is here, and names a program that is missing") {
    const OwnPath path;
    path.add("qsub", "exit 1\n");
    path.add("qstat", test::empty_listing);
    CHECK_THROWS_AS(choose_queue(automatic()), BadInput);
    CHECK_THROWS_WITH(choose_queue(automatic()),
                      Catch::StartsWith("map: of sge there is no qdel in $PATH;") &&
                          Catch::Contains("QMR_BATCH_SYSTEM=local"));
}

TEST_CASE("auto stops where an option names a program that is not there") {
    const OwnPath path;
    PoolOptions options = automatic();
    options.qstat_path = "/not/there/qstat";
    CHECK_THROWS_AS(choose_queue(options), BadInput);
    CHECK_THROWS_WITH(choose_queue(options),
                      Catch::StartsWith("map: qstat_path = '/not/there/qstat' is not there, or is not "
                                        "executable; nothing was submitted; to compute"));
}

TEST_CASE("a batch system is known by its aliases") {
    const OwnPath path;
    test::add_programs_of_grid_engine(path);
    PoolOptions options;
    options.batch_system = "grid_engine";
    CHECK(choose_queue(options).name() == "sge");
}

TEST_CASE("auto takes Slurm where its programs answer, though a qstat is there that does not") {
    const OwnPath path;
    test::add_programs_of_grid_engine(path);
    path.add("sbatch", "exit 1\n");
    path.add("scancel", "exit 1\n");
    path.add("squeue", "echo 'qmr|ARRAY_JOB_ID|ARRAY_TASK_ID|ST|REASON|NAME|qmr'\n");
    const QueueChoice choice = choose_queue(automatic());
    CHECK(choice.name() == "slurm");
    CHECK(choice.programs.status == path.of("squeue"));
    CHECK(choice.programs.account == path.of("squeue"));
    CHECK(choice.reason == "slurm by " + path.of("sbatch") + ", which answers; " + path.of("qstat") +
                               " does not answer as sge does (exit code 1)");
}

TEST_CASE("the program that knows how queue jobs ended is the one beside that which lists them") {
    const OwnPath path;
    test::add_programs_of_grid_engine(path);
    CHECK(choose_queue(grid_engine()).programs.account.empty());
    path.add("qacct", "exit 1\n");
    CHECK(choose_queue(grid_engine()).programs.account == path.of("qacct"));

    const test::TemporaryDirectory elsewhere;
    PoolOptions options = grid_engine();
    options.qstat_path = (elsewhere / "my_qstat").native();
    std::ofstream(options.qstat_path) << "#!/bin/sh\n";
    ::chmod(options.qstat_path.c_str(), 0700);
    CHECK(choose_queue(options).programs.account.empty());
    options.qacct_path = path.of("qacct");
    CHECK(choose_queue(options).programs.account == path.of("qacct"));
    options.qacct_path = path.of("no_such_program");
    CHECK_THROWS_WITH(choose_queue(options), Catch::Contains("qacct_path = '" + options.qacct_path));
}

TEST_CASE("slots need a parallel environment on Grid Engine, and none on Slurm") {
    const OwnPath path;
    test::add_programs_of_grid_engine(path);
    for (const char* program : {"sbatch", "squeue", "scancel"}) path.add(program, "exit 1\n");
    PoolOptions options = grid_engine();
    options.resources.slots = 2;
    CHECK_THROWS_WITH(choose_queue(options), Catch::Contains("parallel_environment"));
    options.batch_system = "slurm";
    CHECK(choose_queue(options).name() == "slurm");
}
