#pragma once
// What the qmaster finds wrong with a request of qsub.

#include <optional>
#include <string>

#include "dummy_queue/qsub_arguments.hpp"

namespace qmr::dummy_queue {

/// Why a name is no valid -N. None: it is one.
[[nodiscard]] std::optional<std::string> what_is_wrong_with_name(const std::string& name);

/// In the words of the qmaster, without `Unable to run job: `. None: nothing.
[[nodiscard]] std::optional<std::string> what_is_wrong(const QsubRequest&, const State&,
                                                       const std::string& host);

}  // namespace qmr::dummy_queue
