#pragma once
// What dummy_qdel does to a state, and what it answers.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dummy_queue/chunks_of_job.hpp"
#include "dummy_queue/state.hpp"

namespace qmr::dummy_queue {

/// One thing to delete: a job number or a name (or pattern), and maybe some tasks of it.
struct DeletionRequest {
    std::string job;
    std::optional<TaskRange> tasks;
    bool is_single_task = false;  ///< written as NUMBER.TASK, or as `-t N`
};

/// The command line of qdel. `error`: its answer to one that it can not read.
struct DeletionArguments {
    std::vector<DeletionRequest> requests;
    std::string error;
};
[[nodiscard]] DeletionArguments read_deletion_arguments(std::span<const std::string> arguments);

struct DeletionAnswer {
    std::string out;
    int exit_code = 0;                    ///< 1 when any one request failed
    std::vector<std::int64_t> shepherds;  ///< whose commands are to be killed
};
/// Does what can be done of the requests of `user`, also when others fail.
[[nodiscard]] DeletionAnswer delete_tasks(State&, const std::string& user, std::span<const DeletionRequest>,
                                          const ChunksOfJob&);

}  // namespace qmr::dummy_queue
