#pragma once

#include <nlohmann/json.hpp>

namespace qmr::cli {

/// Its members stay in the order in which they came.
using Json = nlohmann::ordered_json;

}  // namespace qmr::cli
