#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>

namespace qmr::detail {

/// Takes a number off the front of `text`. None: there is none, or it is out of range; `text` stays as it is.
template <class T>
[[nodiscard]] std::optional<T> take_number(std::string_view& text) {
    T value{};
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    return value;
}

/// The number that `text` is, all of it.
template <class T>
[[nodiscard]] std::optional<T> read_number(std::string_view text) {
    const auto value = take_number<T>(text);
    return text.empty() ? value : std::nullopt;
}

}  // namespace qmr::detail
