#pragma once

#include "adapters/json_lines.hpp"
#include "qmr/options.hpp"

namespace qmr::detail {

/// The options of a pool as a JSON object, by their names; what tells where a map is and how it is told about
/// is left out.
[[nodiscard]] Json options_to_json(const PoolOptions& options);

/// The other way round: what is not there stays as it is in `options`. Throws nlohmann::json::exception when
/// a member has another type.
void options_from_json(const Json& object, PoolOptions& options);

}  // namespace qmr::detail
