#pragma once
// Who gets which variables of this process's environment: tasks those that the options say; the programs of
// a batch system all, since nobody knows what a wrapper, a configuration or a login of the site needs.

#include <string>
#include <vector>

#include "pool/queue_choice.hpp"
#include "qmr/options.hpp"

namespace qmr::detail {

/// The `NAME=value` strings that tasks get.
[[nodiscard]] std::vector<std::string> task_environment(const PoolOptions& options, const QueueChoice& queue);

/// The names of those that they do not get, not even where the batch system passes on the environment of its
/// submit program: `sbatch --export=ALL`, `qsub -V` in a file of the site.
[[nodiscard]] std::vector<std::string> names_not_for_tasks(const PoolOptions& options,
                                                           const QueueChoice& queue);

/// The `NAME=value` strings that the client programs get.
[[nodiscard]] std::vector<std::string> client_environment(const BatchSystem& system);

/// The same for programs that are told the place: without the variables that tell it.
[[nodiscard]] std::vector<std::string> without_places(const BatchSystem& system,
                                                      std::vector<std::string> environment);

}  // namespace qmr::detail
