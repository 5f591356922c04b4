#include "pool/environments.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "adapters/environment_filter.hpp"
#include "adapters/step_variables.hpp"

namespace qmr::detail {

namespace {

// They name this map, and not those that a task may make.
constexpr std::array of_this_map{"QMR_RESUME", "QMR_WORK_DIR"};

// What belongs to the caller alone, and neither to its tasks nor to what submits them.
void withhold_own(EnvironmentFilter& filter) {
    filter.withheld.insert(filter.withheld.end(), of_this_map.begin(), of_this_map.end());
    filter.withheld.insert(filter.withheld.end(), step_variables.begin(), step_variables.end());
}

// What no program does without. Some batch systems set it for a queue job, others and the local cores do not.
constexpr std::array account_variables{"HOME", "LOGNAME", "PATH", "SHELL", "TMPDIR", "USER"};

bool sets_account_variables(const QueueChoice& queue) {
    return queue.batch_system != nullptr && queue.batch_system->sets_account_variables;
}

EnvironmentFilter task_filter(const PoolOptions& options, const QueueChoice& queue) {
    EnvironmentFilter filter{options.exported_variables, options.withheld_variables, {}};
    withhold_own(filter);
    if (!sets_account_variables(queue))
        filter.exported.insert(filter.exported.end(), account_variables.begin(), account_variables.end());
    if (queue.batch_system != nullptr) filter.own_variables = queue.batch_system->own_variables;
    return filter;
}

}  // namespace

std::vector<std::string> task_environment(const PoolOptions& options, const QueueChoice& queue) {
    return filtered_environment(environ, task_filter(options, queue));
}

std::vector<std::string> names_not_for_tasks(const PoolOptions& options, const QueueChoice& queue) {
    std::vector<std::string> names = names_held_back(environ, task_filter(options, queue));
    if (sets_account_variables(queue))
        std::erase_if(names, [](const std::string& name) {
            return std::ranges::find(account_variables, name) != account_variables.end();
        });
    return names;
}

std::vector<std::string> client_environment(const BatchSystem& system) {
    EnvironmentFilter filter;
    withhold_own(filter);
    filter.withheld.insert(filter.withheld.end(), system.withheld_from_clients.begin(),
                           system.withheld_from_clients.end());
    return filtered_environment(environ, filter);
}

std::vector<std::string> without_places(const BatchSystem& system, std::vector<std::string> environment) {
    std::erase_if(environment, [&](const std::string& variable) {
        return std::ranges::find(system.place_variables,
                                 std::string_view(variable).substr(0, variable.find('='))) !=
               system.place_variables.end();
    });
    return environment;
}

}  // namespace qmr::detail
