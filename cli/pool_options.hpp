#pragma once
// The options of a pool by name, in one table: what the command line, config files, --help-all and
// docs/configuration.md know about them.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <qmr/options.hpp>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace qmr::cli {

/// A member of PoolOptions, or of what is in it.
template <class Value>
using Member = Value& (*)(PoolOptions&);

/// A member that counts bytes.
struct SizeMember {
    Member<std::uint64_t> of;
};

using AnyMember =
    std::variant<Member<std::string>, Member<std::filesystem::path>, Member<std::vector<std::string>>,
                 Member<std::size_t>, Member<std::optional<std::size_t>>, SizeMember, Member<Seconds>,
                 Member<std::chrono::seconds>, Member<double>, Member<bool>, Member<Progress>, Member<Jobs>>;

/// A row of the table.
struct PoolOption {
    std::string_view key;              ///< in config files, such as max_memory
    std::string_view value;            ///< what to write, such as SIZE; words with '|' between: one of them
    std::string_view default_value;    ///< as it would be written; empty: none, or nothing
    std::string_view help;             ///< one line
    AnyMember member;                  ///< where the value goes
    bool is_common = false;            ///< --help shows it, not only --help-all
    std::string_view short_name = {};  ///< another name on the command line
};

/// Rows that belong together.
struct PoolOptionGroup {
    std::string_view name;
    std::span<const PoolOption> options;
};

/// The table. Without `resume`, and the limit for tasks that throw: subcommands have them under other names.
[[nodiscard]] std::span<const PoolOptionGroup> pool_option_groups();

/// The row of a key; nullptr: there is none.
[[nodiscard]] const PoolOption* find_pool_option(std::string_view key);

/// Its name on the command line, such as --max-memory. One that can be repeated is in the singular there.
[[nodiscard]] std::string command_line_name(const PoolOption& option);

/// The variable that changes its default, such as QMR_MAX_MEMORY.
[[nodiscard]] std::string environment_variable(const PoolOption& option);

/// The words that it may be; empty: it is not one of a few words.
[[nodiscard]] std::vector<std::string> choices(const PoolOption& option);

/// Whether its value is a list, and whether it is on or off.
[[nodiscard]] bool is_list(const PoolOption& option);
[[nodiscard]] bool is_flag(const PoolOption& option);

}  // namespace qmr::cli
