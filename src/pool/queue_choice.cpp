#include "pool/queue_choice.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <set>

#include "adapters/launcher.hpp"
#include "ground/host.hpp"
#include "qmr/error.hpp"

namespace qmr::detail {

namespace {

std::string or_default(const std::string& path, std::string_view otherwise) {
    return path.empty() ? std::string(otherwise) : path;
}

// It is no matter when there is none, unless it was asked for.
std::string find_account_program(const BatchSystem& system, const PoolOptions& options,
                                 const std::string& status_program,
                                 std::optional<std::pair<std::string, std::string>>& missing) {
    if (!options.qacct_path.empty()) {
        const auto found = find_program(options.qacct_path);
        if (!found && !missing) missing = {"qacct_path", options.qacct_path};
        return found.value_or("");
    }
    const auto slash = status_program.rfind('/');
    if (slash == std::string::npos) return {};
    return find_program(status_program.substr(0, slash + 1) + std::string(system.account_program))
        .value_or("");
}

// The programs of a batch system; the first that is not there goes to `missing`.
ClientPrograms find_programs(const BatchSystem& system, const PoolOptions& options,
                             std::optional<std::pair<std::string, std::string>>& missing) {
    const auto find = [&](const char* option, const std::string& path, std::string_view otherwise) {
        const std::string name = or_default(path, otherwise);
        const auto found = find_program(name);
        if (!found && !missing) missing = {option, name};
        return found.value_or("");
    };
    ClientPrograms programs;
    programs.submit = find("qsub_path", options.qsub_path, system.submit_program);
    programs.status = find("qstat_path", options.qstat_path, system.status_program);
    programs.remove = find("qdel_path", options.qdel_path, system.delete_program);
    programs.account = find_account_program(system, options, programs.status, missing);
    return programs;
}

bool answers(const BatchSystem& system, const ClientPrograms& programs, const PoolOptions& options) {
    const std::vector<std::string> environment = client_environment(system, options);
    const CommandResult result = run_command(system.status_command(programs.status, user_name()),
                                             options.command_time_limit, -1, &environment);
    return system.read_status_answer(to_answer(result), "q", options.error_state_indicator).has_value();
}

void check_resources(const BatchSystem& system, const PoolOptions& options) {
    if (system.needs_parallel_environment && options.resources.slots > 1 &&
        options.resources.parallel_environment.empty())
        throw BadInput(
            fmt::format("map: {} grants {} slots only through a parallel environment: set "
                        "resources.parallel_environment; "
                        "nothing was submitted",
                        system.name, options.resources.slots));
}

QueueChoice choose_by_name(const PoolOptions& options) {
    const BatchSystem* system = find_batch_system(options.batch_system);
    if (system == nullptr) {
        std::string known = "auto, local";
        for (const BatchSystem& one : batch_systems()) known += fmt::format(", {}", one.name);
        throw BadInput(fmt::format("map: there is no batch system '{}', only {}; nothing was submitted",
                                   options.batch_system, known));
    }
    std::optional<std::pair<std::string, std::string>> missing;
    QueueChoice choice{system, find_programs(*system, options, missing), {}};
    if (missing)
        throw BadInput(fmt::format("map: {} = '{}' is not there, or is not executable; nothing was submitted",
                                   missing->first, missing->second));
    check_resources(*system, options);
    choice.reason = fmt::format("{} by {}", system->name, choice.programs.submit);
    return choice;
}

QueueChoice choose_automatically(const PoolOptions& options) {
    std::string reason = "local cores, since no batch system's programs are here";
    for (const BatchSystem& system : batch_systems()) {
        std::optional<std::pair<std::string, std::string>> missing;
        QueueChoice choice{&system, find_programs(system, options, missing), {}};
        if (missing) continue;
        if (answers(system, choice.programs, options)) {
            check_resources(system, options);
            choice.reason = fmt::format("{} by {}, which answers", system.name, choice.programs.submit);
            return choice;
        }
        reason = fmt::format("local cores, since {} does not answer as {} does", choice.programs.status,
                             system.name);
    }
    return {nullptr, {}, reason};
}

}  // namespace

std::vector<std::string> client_environment(const BatchSystem& system, const PoolOptions& options) {
    constexpr std::array of_programs{"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG",
                                     "LC_*", "TERM", "TZ",   "TMPDIR",  "LD_*"};
    const auto& unwanted = system.withheld_from_clients;
    EnvironmentFilter of_tasks{options.exported_variables, options.withheld_variables, {}};
    of_tasks.withheld.insert(of_tasks.withheld.end(), unwanted.begin(), unwanted.end());
    EnvironmentFilter needed{
        {of_programs.begin(), of_programs.end()}, {unwanted.begin(), unwanted.end()}, {}};
    needed.exported.insert(needed.exported.end(), system.client_variables.begin(),
                           system.client_variables.end());
    std::set<std::string> all;
    for (const EnvironmentFilter& filter : {of_tasks, needed})
        for (std::string& variable : filtered_environment(environ, filter)) all.insert(std::move(variable));
    return {all.begin(), all.end()};
}

std::string QueueChoice::name() const {
    return batch_system == nullptr ? "local" : std::string(batch_system->name);
}

QueueChoice choose_queue(const PoolOptions& options) {
    if (options.batch_system == "local") return {nullptr, {}, "local cores"};
    return options.batch_system == "auto" ? choose_automatically(options) : choose_by_name(options);
}

}  // namespace qmr::detail
