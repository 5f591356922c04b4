#pragma once

#include <functional>
#include <optional>
#include <string>

#include "ports/command_queue.hpp"
#include "qmr/options.hpp"
#include "qmr/site.hpp"

namespace qmr::detail {

/// Where the queue jobs of a map go.
struct QueueChoice {
    const BatchSystem* batch_system = nullptr;  ///< null: the local cores
    ClientPrograms programs;
    std::string reason;  ///< for the user: what it is, and why

    [[nodiscard]] std::string name() const;
};

/// Chooses by the options; "auto" asks each batch system whose programs are there for a listing, within the
/// time limit for commands, and takes the first one that answers; the local cores only where there is nothing
/// of a batch system. Throws BadInput for an unknown name, a program that is not there, or resources that the
/// batch system can not be asked for; QueueError where none answers to "auto".
[[nodiscard]] QueueChoice choose_queue(const PoolOptions& options);

/// What choose_queue() gives and throws, where no batch system has to be asked for it. None: more than one is
/// here, and which of them answers is not known.
[[nodiscard]] std::optional<QueueChoice> foresee_queue(const PoolOptions& options);

/// The batch system that the options name. Throws BadInput when there is none of this name.
[[nodiscard]] const BatchSystem& named_batch_system(const PoolOptions& options);

/// Those of one batch system; see qmr/site.hpp.
[[nodiscard]] BatchSystemPrograms find_programs(const BatchSystem& system, const PoolOptions& options);

/// Asks for a listing, within the time limit for commands. Empty: it is one; else why it is none, in one
/// line.
[[nodiscard]] std::string why_no_answer(const BatchSystem& system, const ClientPrograms& programs,
                                        const PoolOptions& options);

/// The places to which submissions with these options, in the environment of this process, may go.
[[nodiscard]] std::vector<std::string> places_asked_for(const BatchSystem& system,
                                                        const PoolOptions& options);

}  // namespace qmr::detail
