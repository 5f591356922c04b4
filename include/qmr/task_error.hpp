#pragma once

#include <string>
#include <utility>

#include "qmr/result.hpp"

namespace qmr {

/// What f may throw where it knows more of a failure than a sentence, such as how a program ended that it
/// ran. Its parts reach the caller in TaskFailure as they are: the message without the name of a type. Any
/// other exception will do where a sentence is enough.
class TaskError : public Error {
  public:
    /// `attempt`: its message, signal, exit_code, seconds and peak_memory are used; cause and host are known.
    /// `end_of_stderr`: of that program. `details`: anything for the caller, in UTF-8.
    explicit TaskError(FailedAttempt attempt, std::string end_of_stderr = {}, std::string details = {})
        : Error(attempt.message),
          attempt_(std::move(attempt)),
          end_of_stderr_(std::move(end_of_stderr)),
          details_(std::move(details)) {}

    [[nodiscard]] const FailedAttempt& attempt() const noexcept { return attempt_; }
    [[nodiscard]] const std::string& end_of_stderr() const noexcept { return end_of_stderr_; }
    [[nodiscard]] const std::string& details() const noexcept { return details_; }

  private:
    FailedAttempt attempt_;
    std::string end_of_stderr_;
    std::string details_;
};

}  // namespace qmr
