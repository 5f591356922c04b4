#pragma once
// What code is, from one process to the next: a module by its build-id, and an offset in it. Addresses
// differ, since the system randomises where it loads a module.

#include <cstdint>
#include <optional>
#include <string>

namespace qmr::detail {

struct CodeLocation {
    std::string build_id;      ///< of the module, in hexadecimal; empty: it has none
    std::uint64_t offset = 0;  ///< from where the module is loaded
    std::string file;          ///< the module's file; empty: the executable itself
};

/// Where the code or data at `address` belongs. None: to no loaded module.
[[nodiscard]] std::optional<CodeLocation> locate(const void* address);

/// The address of a location in this process. Null: no loaded module has this build-id.
[[nodiscard]] const void* address_of(const CodeLocation& location);

/// Build-id of the running executable (elf(5), NT_GNU_BUILD_ID); empty: it was linked without one.
[[nodiscard]] std::string own_build_id();

/// Absolute path of the running executable: the one by which it was started, where that still names it, as a
/// path that a link leads to may not be there on another host. Throws BadInput when it was deleted or
/// replaced since it was started.
[[nodiscard]] std::string own_executable();

/// Whether a path names the file from which this process was started, or one that has taken its place.
[[nodiscard]] bool is_own_executable(const std::string& path);

}  // namespace qmr::detail
