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

/// What f may throw where a program that it ran was ended by a signal that it did not send. Whether the task
/// is to blame is not known: the batch system may be ending the queue job, or memory ran out. So the attempt
/// ends as if the process of the task had got that signal, the batch system is asked, and the task is run
/// again; see docs/failures.md.
class ProgramKilled : public Error {
  public:
    /// `signal`: one that comes_from_outside().
    explicit ProgramKilled(int signal);
    [[nodiscard]] int signal() const noexcept { return signal_; }

    /// Whether a signal is one by which somebody else ends a program: SIGKILL, SIGQUIT, and SIGTERM, SIGINT,
    /// SIGHUP, SIGXCPU, SIGUSR1, SIGUSR2, by which batch systems ask it to leave.
    [[nodiscard]] static bool comes_from_outside(int signal) noexcept;

  private:
    int signal_;
};

/// What f may throw where its process lacks something that has nothing to do with the task, such as memory
/// for a program, or room on a disk: the attempt ends as a failure of the worker, and the chunk goes on with
/// this task in another one, which may be on another host. See docs/failures.md.
class WorkerFailure : public Error {
  public:
    using Error::Error;
};

}  // namespace qmr
