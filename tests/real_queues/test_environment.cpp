// The caller's environment arrives at the tasks, byte for byte, less what belongs to the batch system.

#include <fnmatch.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <set>

#include "real_queues/cluster.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

std::vector<std::string> environment_of_task(int) {
    std::vector<std::string> all;
    for (char** variable = environ; *variable != nullptr; ++variable) all.emplace_back(*variable);
    return all;
}

std::string name_of(const std::string& variable) {
    return variable.substr(0, variable.find('='));
}

bool is_of_batch_system(const std::string& variable) {
    const auto& patterns = detail::find_batch_system(cluster_name())->own_variables;
    return std::ranges::any_of(patterns, [&](std::string_view pattern) {
        return ::fnmatch(std::string(pattern).c_str(), name_of(variable).c_str(), 0) == 0;
    });
}

// What the caller does not have may come from the batch system's daemons (INHERIT_ENV in sge_conf(5)), from
// the prolog of a site, or from the batch system, as SHELL does (qsub(1)).
std::vector<std::string> of_caller(std::vector<std::string> variables, const std::set<std::string>& names) {
    std::erase_if(variables, [&](const std::string& variable) {
        return is_of_batch_system(variable) || !names.contains(name_of(variable));
    });
    std::ranges::sort(variables);
    return variables;
}

using Variables = std::map<std::string, std::string>;

Variables by_name(const std::vector<std::string>& variables) {
    Variables all;
    for (const std::string& variable : variables)
        all[name_of(variable)] = variable.substr(std::min(variable.size(), name_of(variable).size() + 1));
    return all;
}

// A task that maps as well, and takes itself for a rank of MPI. Gives its own environment, then that of the
// inner task.
std::vector<std::vector<std::string>> map_in_queue_job(const std::string& work_dir) {
    for (const char* name : {"PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK", "SRUN_DEBUG"})
        ::setenv(name, "7", 1);
    PoolOptions options;
    options.batch_system = cluster_name();
    options.work_dir = work_dir;
    options.polling_interval = Seconds{0.5};
    options.file_system_latency = Seconds{3};
    options.resources.memory = 100'000'000;
    return {environment_of_task(0), Pool(options).map(environment_of_task, std::vector{0}).at(0)};
}

void set_hostile_variables() {
    const std::map<std::string, std::string> hostile{
        {"QMR_T_EMPTY", ""},
        {"QMR_T_QUOTES", "it's \"quoted\" `here` $(and) $HOME"},
        {"QMR_T_LINES", "one\ntwo\r\n#SBATCH --array=1-9\n#$ -t 1-9\n\n"},
        {"QMR_T_BACKSLASH", "a\\b\\\\c\\n\\"},
        {"QMR_T_COMMA", "a,b=c;d|e&f"},
        {"QMR_T_SPACES", "  leading and trailing\t "},
        {"QMR_T_BYTES", "\xFF\xFE\x01\x7F\xC3\xA9"},
        {"QMR_T_GLOB", "* ? [a-z] ~ {1..3}"},
        {"QMR_T_LONG", std::string(100'000, 'x')},
        {"QMR_T.DOT", "not a name for a shell"},
        {"BASH_FUNC_qmr_t%%", "() {  echo a function\n}"},
        {"LC_ALL", "C"},
        {"IFS", "abc"},
        {"TERM", "dumb"},
    };
    for (const auto& [name, value] : hostile) ::setenv(name.c_str(), value.c_str(), 1);
}

}  // namespace

TEST_CASE("real: the environment arrives byte for byte") {
    const UserDirectory directory;
    check_as_user(directory, [&]() -> std::string {
        set_hostile_variables();
        const auto results = Pool(directory.options()).map(environment_of_task, std::vector{0});
        std::set<std::string> names;
        for (const std::string& variable : environment_of_task(0)) names.insert(name_of(variable));
        const auto expected = of_caller(environment_of_task(0), names);
        const auto arrived = of_caller(results.at(0), names);
        std::vector<std::string> differing;
        std::ranges::set_symmetric_difference(expected, arrived, std::back_inserter(differing));
        std::string told;
        for (const auto& variable : differing) told += variable.substr(0, 200) + "\n";
        return told;
    });
}

TEST_CASE("real: a variable that is withheld does not arrive, nor does it stand in the work_dir") {
    const UserDirectory directory;
    check_as_user(directory, [&]() -> std::string {
        ::setenv("QMR_T_TOKEN", "very secret", 1);
        auto options = directory.options();
        options.withheld_variables = {"*_TOKEN"};
        const auto results = Pool(options).map(environment_of_task, std::vector{0});
        for (const auto& variable : results.at(0))
            if (variable.find("very secret") != std::string::npos) return "arrived: " + variable;
        return {};
    });
    CHECK(directory.text("work_dir/worker_launcher.sh").find("very secret") == std::string::npos);
}

TEST_CASE("real: what a queue job knows of itself does not reach the tasks of a map that is made in it") {
    const UserDirectory directory;
    check_as_user(directory, [&]() -> std::string {
        const std::string inner_work_dir = (directory / "inner").native();
        const auto both = Pool(directory.options()).map(map_in_queue_job, std::vector{inner_work_dir}).at(0);
        const Variables outer = by_name(both.at(0));
        Variables inner = by_name(both.at(1));
        const char* id = is_slurm() ? "SLURM_JOB_ID" : "JOB_ID";
        if (inner[id].empty() || inner[id] == outer.at(id))
            return "the number of the queue job: " + inner[id];
        if (is_slurm() && inner.contains("SLURM_MEM_PER_NODE")) return "memory of the outer queue job";
        for (const char* name : {"PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK", "SRUN_DEBUG"})
            if (inner.contains(name)) return std::string("arrived: ") + name;
        return {};
    });
}
