#include "cli/reduction_state.hpp"

#include <fmt/format.h>

#include <qmr/error.hpp>
#include <system_error>

namespace qmr::cli {

namespace {

namespace fs = std::filesystem;

void add(RemovedMap& all, const RemovedMap& one) {
    all.num_files += one.num_files;
    all.num_bytes += one.num_bytes;
}

}  // namespace

fs::path level_dir(const fs::path& work_dir, std::size_t ilevel) {
    return work_dir / "outputs" / fmt::format("reduction.{}", ilevel);
}

bool is_begun(const fs::path& level) {
    std::error_code ignored;
    return fs::exists(level / "manifest.json", ignored);
}

std::optional<ReductionState> read_reduction_state(const MapStatus& map) {
    const auto reduction = Reduction::from_json(map.application_data);
    if (!reduction || map.num_tasks == 0) return std::nullopt;
    ReductionState state;
    state.num_levels = levels_of(map.num_tasks, reduction->fan_in).size();
    while (state.ilevel < state.num_levels && is_begun(level_dir(map.work_dir, state.ilevel + 1)))
        ++state.ilevel;
    if (state.ilevel > 0) state.level = read_map_status(level_dir(map.work_dir, state.ilevel));
    return state;
}

SeenMap SeenMap::read(const fs::path& work_dir) {
    SeenMap seen{read_map_status(work_dir), {}};
    seen.reduction = read_reduction_state(seen.map);
    return seen;
}

MapState SeenMap::state() const {
    if (!reduction || map.state != MapState::complete || reduction->is_complete()) return map.state;
    if (!reduction->level || reduction->level->state == MapState::complete) return MapState::left_alone;
    return reduction->level->state;
}

RemovedMap remove_all(const fs::path& work_dir, Remove which,
                      const std::function<void(const std::string&)>& on_wait) {
    const SeenMap seen = SeenMap::read(work_dir);
    if (which == Remove::complete && seen.map.state == MapState::complete &&
        seen.state() != MapState::complete)
        throw BadInput(fmt::format("{} was not removed: its outputs are not reduced; to go on: {}",
                                   seen.map.work_dir.native(), seen.map.how_to_go_on));
    RemovedMap all;
    for (std::size_t ilevel = seen.reduction && !seen.map.is_worked_on() ? seen.reduction->ilevel : 0;
         ilevel > 0; --ilevel)
        add(all, remove_map(level_dir(seen.map.work_dir, ilevel), which, on_wait));
    add(all, remove_map(work_dir, which, on_wait));
    return all;
}

}  // namespace qmr::cli
