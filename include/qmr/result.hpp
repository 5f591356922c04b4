#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "qmr/error.hpp"

namespace qmr {

/// Why a task has no result.
enum class Cause {
    exception,       ///< f threw
    crash,           ///< the task ended its process: a signal such as SIGSEGV, abort(), exit()
    error_state,     ///< its queue job went to the error state again and again
    vanished,        ///< its queue job left the queue without a result again and again
    worker_failure,  ///< the worker could not run the chunk: a full disk, an unreadable file
    corrupt_result,  ///< what the worker wrote could not be read back
    binary_changed,  ///< the executable on the worker node is not the one that called map()
    out_of_memory,   ///< its queue job was killed for using more memory than it may
    out_of_time,     ///< its queue job was killed for running longer than it may
};

/// The name of a cause, as in its declaration: "exception", "crash", ...
[[nodiscard]] std::string_view to_string(Cause cause) noexcept;

/// One attempt that did not lead to a result: of a task, or of the chunk that it is in.
struct FailedAttempt {
    Cause cause = Cause::exception;
    std::string message = {};
    std::string host = {};          ///< the worker node; empty where it is not known
    int signal = 0;                 ///< that ended the process; 0: none
    int exit_code = 0;              ///< of a process that a task ended otherwise
    double seconds = 0;             ///< from the begin of the task or chunk; 0: not known
    std::uint64_t peak_memory = 0;  ///< of the process, in bytes; 0: not known

    friend bool operator==(const FailedAttempt&, const FailedAttempt&) = default;
};

/// What is known about a task that has no result.
struct TaskFailure {
    std::size_t itask = 0;  ///< index of the task in the range that was given to map()
    Cause cause = Cause::exception;
    std::string message;        ///< "std::runtime_error: no such event", "killed by signal 11 (SIGSEGV)", ...
    std::string host;           ///< the worker node, empty where no worker was ever started
    int num_attempts = 1;       ///< how often a queue job had the chunk of this task; 0: none ever came to it
    std::string end_of_stderr;  ///< the last that was written to stderr until then, at most 2,000 bytes
    std::vector<FailedAttempt> history = {};  ///< the failed attempts, as far as they are known; oldest first
    std::string details = {};                 ///< what f added by a TaskError
};

/// Thrown by Result::value() when there is none.
class NoResult : public Error {
  public:
    explicit NoResult(TaskFailure failure);
    [[nodiscard]] const TaskFailure& failure() const noexcept { return *failure_; }

  private:
    std::shared_ptr<const TaskFailure> failure_;
};

/// The result of one task: a value, or the reason why there is none. It is used like std::expected (C++23).
template <class R>
class [[nodiscard]] Result {
    using Value = std::conditional_t<std::is_void_v<R>, std::monostate, R>;

  public:
    using value_type = R;
    using error_type = TaskFailure;

    Result() = default;
    explicit(false) Result(Value value) : state_(std::in_place_index<0>, std::move(value)) {}
    explicit(false) Result(TaskFailure failure)
        : state_(std::in_place_index<1>, std::make_shared<TaskFailure>(std::move(failure))) {}

    [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// The value. Throws NoResult when the task failed.
    decltype(auto) value() const& { return (require(), **this); }  // NOLINT(modernize-use-nodiscard)
    decltype(auto) value() & { return (require(), **this); }
    decltype(auto) value() && { return (require(), *std::move(*this)); }

    /// The value, which must be there.
    decltype(auto) operator*() const& noexcept { return get(*this); }
    decltype(auto) operator*() & noexcept { return get(*this); }
    decltype(auto) operator*() && noexcept { return get(std::move(*this)); }
    const Value* operator->() const noexcept { return std::get_if<0>(&state_); }
    Value* operator->() noexcept { return std::get_if<0>(&state_); }

    /// The value, or `other` when the task failed.
    template <class U>
    [[nodiscard]] Value value_or(U&& other) const& {
        return has_value() ? **this : static_cast<Value>(std::forward<U>(other));
    }
    template <class U>
    [[nodiscard]] Value value_or(U&& other) && {
        return has_value() ? *std::move(*this) : static_cast<Value>(std::forward<U>(other));
    }

    /// What went wrong. There must be no value.
    [[nodiscard]] const TaskFailure& error() const noexcept { return **std::get_if<1>(&state_); }

  private:
    void require() const {
        if (!has_value()) throw NoResult(error());
    }

    template <class Self>
    static decltype(auto) get(Self&& self) noexcept {
        if constexpr (std::is_void_v<R>) {
            return;
        } else {
            auto&& value = *std::get_if<0>(&self.state_);
            if constexpr (std::is_lvalue_reference_v<Self>)
                return (value);
            else
                return R(std::move(value));
        }
    }

    std::variant<Value, std::shared_ptr<const TaskFailure>> state_;
};

}  // namespace qmr
