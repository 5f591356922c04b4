#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "ground/environment_variable.hpp"
#include "pool/environments.hpp"

using namespace qmr;
using namespace qmr::detail;
using test::EnvironmentVariable;

namespace {

bool has(const std::vector<std::string>& all, const std::string& one) {
    return std::ranges::find(all, one) != all.end();
}

QueueChoice queue(const char* name) {
    return {find_batch_system(name), {}, {}};
}

}  // namespace

TEST_CASE("client programs get all variables but those that would change their answers") {
    const EnvironmentVariable wait("SBATCH_WAIT", "1");
    const EnvironmentVariable filter("SQUEUE_PARTITION", "short");
    const EnvironmentVariable outer("SLURM_JOB_ID", "7");
    const EnvironmentVariable token("QMR_T_TOKEN", "secret");
    const EnvironmentVariable ticket("KRB5CCNAME", "FILE:/tmp/ticket");
    const EnvironmentVariable configuration("SLURM_CONF", "/etc/other.conf");
    const EnvironmentVariable partition("SBATCH_PARTITION", "long");
    const EnvironmentVariable resume("QMR_RESUME", "/some/where");
    const auto environment = client_environment(*find_batch_system("slurm"));
    for (const char* variable : {"QMR_T_TOKEN=secret", "KRB5CCNAME=FILE:/tmp/ticket",
                                 "SLURM_CONF=/etc/other.conf", "SBATCH_PARTITION=long"}) {
        CAPTURE(variable);
        CHECK(has(environment, variable));
    }
    for (const char* variable :
         {"SBATCH_WAIT=1", "SQUEUE_PARTITION=short", "SLURM_JOB_ID=7", "QMR_RESUME=/some/where"}) {
        CAPTURE(variable);
        CHECK_FALSE(has(environment, variable));
    }
}

TEST_CASE("what client programs get and tasks do not is known by its name") {
    const EnvironmentVariable token("QMR_T_TOKEN", "secret");
    const EnvironmentVariable plain("QMR_T_PLAIN", "x");
    const EnvironmentVariable configuration("SLURM_CONF", "/etc/other.conf");
    const char* name = GENERATE("slurm", "sge");
    CAPTURE(name);
    PoolOptions options;
    options.withheld_variables = {"*_TOKEN"};
    auto names = names_not_for_tasks(options, queue(name));
    CHECK(has(names, "QMR_T_TOKEN"));
    CHECK_FALSE(has(names, "QMR_T_PLAIN"));

    options.exported_variables = {"QMR_T_T*"};
    names = names_not_for_tasks(options, queue(name));
    CHECK(has(names, "QMR_T_TOKEN"));
    CHECK(has(names, "QMR_T_PLAIN"));
}

TEST_CASE("what the batch system sets for its queue jobs is not taken away from tasks") {
    const EnvironmentVariable index("SLURM_ARRAY_TASK_ID", "1");
    const EnvironmentVariable cell("SGE_CELL", "default");
    PoolOptions options;
    options.exported_variables = {};
    for (const char* variable : {"PATH", "HOME"}) {
        CAPTURE(variable);
        CHECK_FALSE(has(names_not_for_tasks(options, queue("sge")), variable));
        CHECK_FALSE(has(names_not_for_tasks(options, queue("slurm")), variable));
    }
    CHECK_FALSE(has(names_not_for_tasks(options, queue("slurm")), "SLURM_ARRAY_TASK_ID"));
    CHECK_FALSE(has(names_not_for_tasks(options, queue("sge")), "SGE_CELL"));

    // Grid Engine has a path of its own for each host; Slurm passes on that of the caller.
    options.withheld_variables = {"PATH"};
    CHECK_FALSE(has(names_not_for_tasks(options, queue("sge")), "PATH"));
    CHECK(has(names_not_for_tasks(options, queue("slurm")), "PATH"));
}

TEST_CASE("tasks get the variables of an account where the batch system does not set them") {
    const std::string path = std::string("PATH=") + std::getenv("PATH");
    PoolOptions options;
    options.exported_variables = {};
    CHECK(has(task_environment(options, {}), path));
    CHECK(has(task_environment(options, queue("slurm")), path));
    CHECK_FALSE(has(task_environment(options, queue("sge")), path));
    options.withheld_variables = {"PATH"};
    CHECK_FALSE(has(task_environment(options, {}), path));
    CHECK_FALSE(has(task_environment(options, queue("slurm")), path));
}
