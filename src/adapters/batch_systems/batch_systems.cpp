#include <algorithm>
#include <array>

#include "adapters/batch_systems/grid_engine.hpp"
#include "adapters/batch_systems/slurm.hpp"
#include "decisions/batch_system.hpp"

namespace qmr::detail {

std::span<const BatchSystem> batch_systems() {
    static const std::array rows{grid_engine::row, slurm::row};
    return rows;
}

const BatchSystem* find_batch_system(std::string_view name) {
    for (const auto& row : batch_systems()) {
        const auto& aliases = row.aliases;
        if (row.name == name || std::find(aliases.begin(), aliases.end(), name) != aliases.end()) return &row;
    }
    return nullptr;
}

}  // namespace qmr::detail
