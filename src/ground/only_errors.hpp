#pragma once
// The border of the library: what crosses it is a qmr::Error, or what the caller's own code threw.

#include <exception>
#include <string>

namespace qmr::detail {

/// To be called in a catch clause of each function that a caller can reach: throws an Error in the stead of
/// another exception, and in the stead of a CallerThrew what the caller's code threw.
[[noreturn]] void rethrow_as_error();

/// What happened, and what to do, in one line.
[[nodiscard]] std::string message_of(const std::exception& bad);

}  // namespace qmr::detail
