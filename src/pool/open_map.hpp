#pragma once

#include <optional>
#include <string>

#include "adapters/json_lines.hpp"
#include "adapters/manifest.hpp"
#include "pool/progress.hpp"
#include "pool/queue_choice.hpp"
#include "pool/work_dir_setup.hpp"
#include "qmr/options.hpp"

namespace qmr::detail {

/// A work_dir that this process alone works in, what is there, and the queue that was chosen for it.
struct OpenMap {
    /// `num_tasks`: none when it is not known. Throws BadInput, with nothing changed in a map that is there.
    OpenMap(const PoolOptions& given, std::optional<std::size_t> num_tasks);

    [[nodiscard]] const WorkDir& names() const noexcept { return work_dir.names(); }
    [[nodiscard]] bool is_local() const noexcept { return choice.batch_system == nullptr; }
    /// None: a batch system has them.
    [[nodiscard]] std::optional<std::size_t> num_cores_if_local() const {
        return is_local() ? std::optional(num_cores) : std::nullopt;
    }

    PoolOptions options;  ///< where a map is there, its own where they can not be others
    std::string session_id;
    ProgressTeller progress;
    OwnedWorkDir work_dir;
    std::optional<Manifest> there;  ///< of the map that another process began
    QueueChoice choice;
    std::size_t num_cores;
    JsonLines log;
    JsonLines journal;

  private:
    std::optional<Manifest> read_there();
};

/// For a map without tasks, which is not opened. Throws BadInput where OpenMap would, as far as that is known
/// without making a work_dir or asking a batch system.
void check_map_without_tasks(const PoolOptions& options, std::optional<std::size_t> num_tasks);

}  // namespace qmr::detail
