#pragma once
// What NFS does to names: they are seen late by other hosts, and those that are removed stay for a moment.

#include <string_view>

#include "faulty_files/places.hpp"

namespace qmr::faulty_files {

/// Takes down that this process has made a name: it sees it at once.
void made(const Place& place) noexcept;

/// Whether another process has made this name too short a time ago. Directories are always seen.
[[nodiscard]] bool is_late(const Place& place) noexcept;

/// unlink(2) of a file: it stays for a moment, under a name that begins with `.nfs`.
[[nodiscard]] int remove_slowly(const Place& place) noexcept;

/// Removes what has stayed long enough in this directory.
void remove_what_stayed(const Place& directory) noexcept;

}  // namespace qmr::faulty_files
