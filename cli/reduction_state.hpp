#pragma once
// Where the reduction of a map is, as its work_dir tells.

#include <filesystem>
#include <optional>
#include <qmr/map_status.hpp>
#include <qmr/remove_map.hpp>

#include "cli/reduction.hpp"

namespace qmr::cli {

/// The work_dir of a level, from 1, of the reduction of the map in `work_dir`.
[[nodiscard]] std::filesystem::path level_dir(const std::filesystem::path& work_dir, std::size_t ilevel);

/// Whether there is a map in the work_dir of a level.
[[nodiscard]] bool is_begun(const std::filesystem::path& level);

struct ReductionState {
    std::size_t num_levels = 0;
    std::size_t ilevel = 0;          ///< the last that was begun, from 1; 0: none
    std::optional<MapStatus> level;  ///< none: none was begun

    [[nodiscard]] bool is_complete() const {
        return level && ilevel == num_levels && level->state == MapState::complete;
    }
};

/// None: the outputs of the map are not reduced. Throws as read_map_status().
[[nodiscard]] std::optional<ReductionState> read_reduction_state(const MapStatus& map);

/// A map as it is seen from another terminal.
struct SeenMap {
    MapStatus map;
    std::optional<ReductionState> reduction;

    /// Throws as read_map_status().
    [[nodiscard]] static SeenMap read(const std::filesystem::path& work_dir);

    /// The map, or the level of its reduction, that is worked on, or was at last.
    [[nodiscard]] const MapStatus& current() const {
        return reduction && reduction->level ? *reduction->level : map;
    }

    /// What becomes of all of it: a map is not complete before its outputs are reduced.
    [[nodiscard]] MapState state() const;
};

/// remove_map() of a map with all levels of its reduction.
RemovedMap remove_all(const std::filesystem::path& work_dir, Remove which,
                      const std::function<void(const std::string&)>& on_wait);

}  // namespace qmr::cli
