#pragma once
// The directory that the work_dir of a map would be in.

#include <cstdint>
#include <filesystem>
#include <qmr/options.hpp>
#include <string>

#include "cli/doctor_check.hpp"

namespace qmr::cli {

struct DirectoryFacts {
    std::filesystem::path path;  ///< absolute
    std::string why_not;         ///< why no work_dir can be made there: "can not be ..."; empty: it can
    bool is_noexec = false;      ///< no program on its file system can be started
    std::uint64_t num_free = 0;  ///< bytes
    std::string file_system;     ///< its kind
};

/// Looks at the directory that the work_dir of a map with these options would be made in, or at the nearest
/// one above it that is there. Makes a directory in it for a moment.
[[nodiscard]] DirectoryFacts look_at_directory(const PoolOptions& options);

/// The name of a kind of file system, by its number (statfs(2), f_type).
[[nodiscard]] std::string file_system_name(std::uint32_t type);

/// `is_for_nodes`: worker nodes have to see it.
[[nodiscard]] Check check_directory(const DirectoryFacts& facts, bool is_for_nodes);

}  // namespace qmr::cli
