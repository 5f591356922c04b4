#pragma once

#include "simulation/world.hpp"

namespace qmr::detail::simulation {

/// Draws what a history is made of.
void set_up(World& world, bool is_pulled);

}  // namespace qmr::detail::simulation
