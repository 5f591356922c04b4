#pragma once
// What qmr doctor tells of one thing that it has looked at.

#include <span>
#include <string>

#include "cli/json.hpp"

namespace qmr::cli {

enum class Mark {
    well,         ///< "ok"
    not_checked,  ///< "--"
    wrong,        ///< "!!"
};

struct Check {
    Mark mark = Mark::well;
    std::string name;         ///< one word: "queue"
    std::string found;        ///< the fact, or why there is none
    std::string advice = {};  ///< what to do, or to mind; empty: nothing
};

/// A line, and a second one for the advice.
[[nodiscard]] std::string to_text(const Check& check);

/// One object with all checks, in their order.
[[nodiscard]] Json to_json(std::span<const Check> checks);

/// The checks of such an object. Throws Json::exception when it is none.
[[nodiscard]] std::vector<Check> checks_from_json(const Json& object);

/// Whether none is wrong.
[[nodiscard]] bool are_well(std::span<const Check> checks);

}  // namespace qmr::cli
