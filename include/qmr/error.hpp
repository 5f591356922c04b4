#pragma once
// What qmr throws. Each message is one line: what happened, to which file, command or task, and what to do.

#include <stdexcept>
#include <string>

namespace qmr {

/// Base of all exceptions that qmr throws. What the caller's own code throws when qmr calls it comes out as
/// it is: an iterator of a range, a constructor or the serialize() of a type, what takes outcomes.
class Error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The call can not be carried out as it is: an option that makes no sense, a program that is not there, a
/// work_dir that can not be used. Nothing was submitted.
class BadInput : public Error {
  public:
    using Error::Error;
};

/// The batch system refused the queue jobs, or did not answer for too long. What was submitted before has
/// been deleted; what was computed is in the work_dir that the message names.
class QueueError : public Error {
  public:
    using Error::Error;
};

/// A signal (SIGINT, SIGTERM, SIGHUP) ended map(), and the handler of the program came back from it. Without
/// a handler of its own the program ends by that signal instead. All queue jobs of the map were deleted.
class Interrupted : public Error {
  public:
    Interrupted(const std::string& message, int signal) : Error(message), signal_(signal) {}
    /// The number of the signal.
    [[nodiscard]] int signal() const noexcept { return signal_; }

  private:
    int signal_;
};

}  // namespace qmr
