#pragma once
// What the caller's own code throws comes out of qmr as it is; whatever else comes out is a qmr::Error.

#include <cereal/details/helpers.hpp>
#include <cstddef>
#include <exception>
#include <optional>

#include "qmr/error.hpp"

namespace qmr::detail {

/// What the caller's own code threw when it was called: no sign of a file that can not be read.
struct CallerThrew {
    std::exception_ptr exception;
};

/// There is no room for a value of each task: what to do.
[[nodiscard]] Error not_enough_memory();

/// Throws BadInput: cereal can not write a task, or without a number the function object, for this reason.
[[noreturn]] void refuse_to_save(std::optional<std::size_t> itask, const char* why);

/// Calls body(). Where nobody catches what it throws, the stack would not be unwound, and what its objects
/// take away with them, such as a work_dir, would stay. So it is caught here, and goes on.
template <class Body>
decltype(auto) unwound(Body body) {
    try {
        return body();
    } catch (...) {
        throw;
    }
}

/// Calls save(), which writes a value of the caller's with cereal. Throws as refuse_to_save(), or what the
/// caller's code throws.
template <class Save>
void saving(std::optional<std::size_t> itask, Save save) {
    try {
        save();
    } catch (const cereal::Exception& bad) {
        refuse_to_save(itask, bad.what());
    }
}

/// Calls load(), which reads a value of the caller's type from a file. An Error or what cereal throws is
/// about the file, all else is a CallerThrew.
template <class Load>
void loading(Load load) {
    try {
        load();
    } catch (const Error&) {
        throw;
    } catch (const cereal::Exception&) {
        throw;
    } catch (...) {
        throw CallerThrew{std::current_exception()};
    }
}

}  // namespace qmr::detail
