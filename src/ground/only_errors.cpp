#include "ground/only_errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <string_view>

#include "qmr/detail/callers_code.hpp"

namespace qmr::detail {

namespace {

std::string in_one_line(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
}

}  // namespace

std::string message_of(const std::exception& bad) {
    if (dynamic_cast<const Error*>(&bad) != nullptr) return bad.what();
    if (dynamic_cast<const std::bad_alloc*>(&bad) != nullptr)
        return "map: there is not enough memory here; map fewer tasks at a time, or free some";
    return in_one_line(fmt::format("map: {}", bad.what()));
}

void rethrow_as_error() {
    try {
        throw;
    } catch (const CallerThrew& thrown) {
        std::rethrow_exception(thrown.exception);
    } catch (const Error&) {
        throw;
    } catch (const std::exception& bad) {
        throw Error(message_of(bad));
    }
}

Error not_enough_memory() {
    return Error(
        "map: there is not enough memory for the results; take them one by one (for_each_result), or leave "
        "them in the work_dir (map_to_work_dir)");
}

void refuse_to_save(std::optional<std::size_t> itask, const char* why) {
    throw BadInput(in_one_line(fmt::format("map: {} can not be written: {}; nothing was submitted",
                                           itask ? fmt::format("task {}", *itask) : "the function object",
                                           std::string_view(why))));
}

}  // namespace qmr::detail
