#pragma once
// What a map would find on this machine, for whoever wants to know it before. Nothing is written or
// submitted.

#include <cstddef>
#include <string>
#include <vector>

#include "qmr/options.hpp"

namespace qmr {

/// Throws BadInput, in one line, when the options make no sense, whatever the site.
void check_options(const PoolOptions& options);

/// A program of a batch system.
struct ClientProgram {
    std::string option;     ///< of PoolOptions, that may tell where it is: "qsub_path"
    std::string name;       ///< what is looked for: the value of this option, or the usual name
    std::string path;       ///< absolute; empty: it is not there, or not executable
    bool is_needed = true;  ///< without it no map goes through this batch system
};

/// What submits, lists and deletes queue jobs, and what tells how they ended, in this order.
struct BatchSystemPrograms {
    std::string batch_system;  ///< "sge", "slurm"
    std::vector<ClientProgram> programs;
};

/// The programs of the batch system that the options name; with "auto", of each that is known; with "local",
/// of none. Throws BadInput for a batch system that is not known.
[[nodiscard]] std::vector<BatchSystemPrograms> find_programs(const PoolOptions& options);

/// Where the queue jobs of a map would go.
struct SiteQueue {
    std::string batch_system;         ///< "sge", "slurm", "local"
    std::string reason;               ///< what it is and why, as map() tells it at its begin
    std::string complaint;            ///< why the batch system does not answer; empty: it does, or need not
    std::size_t num_local_cores = 0;  ///< that a map would use at a time; 0: it goes to a batch system
};

/// Chooses as map() does, and asks the batch system for a listing. Throws BadInput and QueueError as map()
/// does, the latter where programs of a batch system are there and none answers to "auto"; Error when a
/// program can not be started. May block for `command_time_limit`, with "auto" for each batch system.
[[nodiscard]] SiteQueue find_queue(const PoolOptions& options);

}  // namespace qmr
