#pragma once

#include <string>

#include "qmr/error.hpp"
#include "qmr/result.hpp"

namespace qmr::detail {

/// The tasks could not be run to the end, by no fault of theirs.
class AttemptFailed : public Error {
  public:
    AttemptFailed(Cause cause, const std::string& message, int error = 0, int signal = 0)
        : Error(message), cause_(cause), error_(error), signal_(signal) {}
    [[nodiscard]] Cause cause() const noexcept { return cause_; }
    [[nodiscard]] int error() const noexcept { return error_; }
    [[nodiscard]] int signal() const noexcept { return signal_; }

  private:
    Cause cause_;
    int error_;
    int signal_;
};

}  // namespace qmr::detail
