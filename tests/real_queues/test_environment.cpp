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
