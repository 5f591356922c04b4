#pragma once
// The checksums of record files: XXH3 (xxHash 0.8 specification), seeded so that a record is only valid in
// its own place and with its own kind.

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <bit>
#include <cstdint>

#include "qmr/detail/record_file.hpp"

namespace qmr::detail {

static_assert(std::endian::native == std::endian::little, "record files are written as the memory is");

inline constexpr std::size_t short_frame_size = 6;  ///< kind, checksum, size in one byte
inline constexpr std::size_t long_frame_size = 14;  ///< kind, checksum, 255, size in eight bytes
inline constexpr std::uint64_t max_short_payload = 254;
inline constexpr unsigned char long_size_mark = 255;
inline constexpr std::size_t header_size = 56;
inline constexpr std::size_t mark_size =
    16;  ///< of what counts, behind the header: a number, and its inverse
inline constexpr std::uint32_t format_version = 1;
inline constexpr std::uint32_t version_with_mark = 2;

inline std::uint64_t record_seed(std::uint64_t index, RecordKind kind) {
    return (index << 8) | static_cast<unsigned char>(kind);
}

inline std::uint32_t record_checksum(const void* payload, std::size_t size, std::uint64_t index,
                                     RecordKind kind) {
    return static_cast<std::uint32_t>(XXH3_64bits_withSeed(payload, size, record_seed(index, kind)));
}

/// Begins the checksum of a payload that comes in pieces. The state may hold anything: without
/// XXH3_INITSTATE, a seed that is there by chance would count as prepared.
inline void start_hash(XXH3_state_t& state, std::uint64_t index, RecordKind kind) {
    XXH3_INITSTATE(&state);
    XXH3_64bits_reset_withSeed(&state, record_seed(index, kind));
}

/// Takes the next checksum into a hash over all of them.
inline std::uint64_t chained(std::uint64_t chain, std::uint32_t checksum) {
    chain = (chain ^ checksum) * 0x9E3779B185EBCA87ULL;
    return chain ^ (chain >> 32);
}

}  // namespace qmr::detail
