// Which variables of the caller reach the tasks, and which the programs of the batch system.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "cli/command_line.hpp"
#include "full_chain/chain.hpp"
#include "ground/environment_variable.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

std::string value_of(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "(none)" : value;
}

// What a program reads before its main().
const std::string token_of_static_object = value_of("QMR_T_TOKEN");

std::string initial_environment() {
    std::ifstream file("/proc/self/environ", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

using Strings = std::vector<std::string>;

// In the order of the names; then what a task may find of the secret in other ways.
Strings see(const Strings& names) {
    Strings seen;
    for (const std::string& name : names) seen.push_back(value_of(name.c_str()));
    seen.push_back(token_of_static_object);
    seen.emplace_back(initial_environment().find("very secret") == std::string::npos ? "" : "in environ");
    return seen;
}

const Strings names{"QMR_T_TOKEN", "QMR_T_PLAIN", "QMR_RESUME"};

Strings seen_by_task(const PoolOptions& options) {
    return Pool(options).map(see, std::vector<Strings>{names}).at(0);
}

/// A secret, a variable that is none, and one that names the map of the caller.
struct Caller {
    EnvironmentVariable token{"QMR_T_TOKEN", "very secret"};
    EnvironmentVariable plain{"QMR_T_PLAIN", "x"};
};

}  // namespace

TEST_CASE("on the local cores a withheld variable does not reach the tasks") {
    const Caller caller;
    TemporaryDirectory directory;
    PoolOptions options = local_options(directory.path().native());
    const EnvironmentVariable resume("QMR_RESUME", "/some/where");
    options.withheld_variables = {"*_TOKEN"};
    CHECK(seen_by_task(options) == Strings{"(none)", "x", "(none)", "(none)", ""});
}

TEST_CASE("on the local cores tasks get no variable that is not exported, but those of an account") {
    const Caller caller;
    TemporaryDirectory directory;
    PoolOptions options = local_options(directory.path().native());
    options.exported_variables = {"QMR_T_P*"};
    CHECK(seen_by_task(options) == Strings{"(none)", "x", "(none)", "(none)", ""});
    options.work_dir += "_2";
    options.withheld_variables = {"HOME"};
    const auto seen = Pool(options).map(see, std::vector<Strings>{{"PATH", "HOME"}}).at(0);
    CHECK(seen[0] == value_of("PATH"));
    CHECK(seen[1] == "(none)");
}

TEST_CASE("the programs of a batch system get all variables, also those that tasks do not get") {
    const Caller caller;
    const Chain chain;
    PoolOptions options = chain.options();
    options.exported_variables = {"QMR_T_P*"};  // not DUMMY_QUEUE_STATE, which the programs need
    CHECK(seen_by_task(options) == Strings{"(none)", "x", "(none)", "(none)", ""});
}

TEST_CASE("a batch system that passes on the environment of its submit program gives tasks nothing more") {
    const Caller caller;
    const Chain chain;
    PoolOptions options = chain.options(GENERATE(Jobs::one_per_chunk, Jobs::pull));
    options.resources.submit_arguments = {"-V"};
    const EnvironmentVariable resume("QMR_RESUME", "/some/where");
    SECTION("what is withheld") {
        options.withheld_variables = {"*_TOKEN"};
    }
    SECTION("what is not exported") {
        options.exported_variables = {"QMR_T_P*"};
    }
    CHECK(seen_by_task(options) == Strings{"(none)", "x", "(none)", "(none)", ""});
    CHECK(chain.text_of("worker_launcher.sh").find("very secret") == std::string::npos);
    CHECK(chain.text_of("manifest.json").find("very secret") == std::string::npos);
}

TEST_CASE("tasks of a map that is started in a step of MPI are no ranks of that step") {
    std::vector<std::unique_ptr<EnvironmentVariable>> of_step;
    const Strings hidden{"PMI_RANK",
                         "PMI_FD",
                         "PMIX_RANK",
                         "PMIX_SERVER_URI2",
                         "SRUN_DEBUG",
                         "PALS_RANKID",
                         "OMPI_COMM_WORLD_RANK",
                         "OMPI_MCA_ess_base_vpid",
                         "MPI_LOCALRANKID"};
    const Strings meant_for_tasks{"PMIX_MCA_gds", "OMPI_MCA_btl", "I_MPI_FABRICS"};
    for (const Strings* some : {&hidden, &meant_for_tasks})
        for (const std::string& name : *some)
            of_step.push_back(std::make_unique<EnvironmentVariable>(name.c_str(), "x"));
    TemporaryDirectory directory;
    const Chain chain;
    PoolOptions options = GENERATE(true, false) ? local_options(directory.path().native()) : chain.options();
    if (options.batch_system == "sge") options.resources.submit_arguments = {"-V"};
    Strings all = hidden;
    all.insert(all.end(), meant_for_tasks.begin(), meant_for_tasks.end());
    Strings expected(hidden.size(), "(none)");
    expected.resize(all.size(), "x");
    Strings seen = Pool(options).map(see, std::vector<Strings>{all}).at(0);
    seen.resize(all.size());
    CHECK(seen == expected);
}

TEST_CASE("a secret that the process has which goes on with a map does not reach the tasks") {
    const Chain chain;
    PoolOptions options = chain.options();
    options.resources.submit_arguments = {"-V"};
    options.withheld_variables = {"*_TOKEN"};
    const std::filesystem::path work_dir = Pool(options).submit(see, std::vector<Strings>{names});
    ExistingMap(work_dir).cancel();
    const Caller caller;
    options.work_dir.clear();
    options.resume = work_dir;
    CHECK(seen_by_task(options).front() == "(none)");
}

TEST_CASE("what is written for the worker nodes has the path that the user knows, not what a link leads to") {
    const Chain chain;
    const TemporaryDirectory directory;
    const std::string home = (directory / "home").native();
    CommandLine line;
    line.use_dummy_queue();
    std::filesystem::create_directory_symlink(line.directory(), home);
    line.set("PWD", home);
    const Ran ran = line.run({"map", "--keep-work-dir", "--work-dir", "map", "--", "sh", "-c", "pwd"}, "x\n");
    CHECK(ran.exit_code == 0);
    CHECK(ran.out == home + "\n");
    const std::string launcher = text_of(line.directory() / "map" / "worker_launcher.sh");
    CHECK_THAT(launcher, Catch::Contains("cd '" + home + "'"));
    CHECK_THAT(launcher, Catch::Contains(" '" + home + "/map' "));
    CHECK_THAT(ran.err, Catch::Contains("files in " + home + "/map"));
}
