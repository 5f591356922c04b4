#pragma once
// How the values of options are written, the same on the command line and in config files.

#include <cstdint>
#include <optional>
#include <qmr/options.hpp>
#include <string_view>

#include "cli/json.hpp"
#include "cli/pool_options.hpp"

namespace qmr::cli {

/// Bytes, or a number with K, M, G or T (powers of 1,024). None: it is no size.
[[nodiscard]] std::optional<std::uint64_t> read_size(std::string_view text);

/// Seconds, or a number with s, m, h or d. None: it is no time.
[[nodiscard]] std::optional<Seconds> read_time(std::string_view text);

/// Puts a value where its option says. On the command line a value is a text, or a list of texts; in a config
/// file numbers, true and false are there as well. `where` begins the message of BadInput: "--memory".
void put(PoolOptions& options, const PoolOption& option, const Json& value, std::string_view where);

}  // namespace qmr::cli
