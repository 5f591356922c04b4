#pragma once
// The maps that a program which was started again may go on with. docs/resume.md tells how they are known
// again.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/manifest.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// Two maps of one executable that have the same are the same computation.
struct MapIdentity {
    std::string function_build_id;
    std::uint64_t function_offset = 0;
    std::uint64_t function_hash = 0;
    std::uint64_t num_tasks = 0;
    std::uint64_t num_chunks = 0;
    std::uint64_t chunk_size = 0;
    std::uint64_t tasks_hash = 0;  ///< other chunks give another one

    friend auto operator<=>(const MapIdentity&, const MapIdentity&) = default;
};

[[nodiscard]] MapIdentity identity_of(const Manifest& map);

/// What is known of a map before its tasks were seen.
struct MapSketch {
    std::string function_build_id;
    std::uint64_t function_offset = 0;
    std::optional<std::size_t> num_tasks;  ///< none: not known
};

/// A map that another process has begun.
struct FoundMap {
    fs::path work_dir;
    Manifest manifest;
};

/// Each of them is taken once.
class FoundMaps {
  public:
    /// `maps`: of this executable.
    explicit FoundMaps(std::vector<FoundMap> maps);

    /// The first one of those that may be the map, in the order in which they were begun: a program begins
    /// its maps in the same order again. None: the map is a new one.
    [[nodiscard]] std::optional<FoundMap> guess(const MapSketch& map) const;

    /// Those that are the map, whose program had `turn` maps with the same identity before it. They are
    /// several when the program was begun anew beside what it had left.
    [[nodiscard]] std::vector<FoundMap> all_of(const MapIdentity& map, std::size_t turn) const;

    void take(const fs::path& work_dir);

    /// Those that were not taken.
    [[nodiscard]] const std::vector<FoundMap>& left() const noexcept { return left_; }

  private:
    std::vector<FoundMap> left_;
};

/// Whether `path` is no work_dir, but holds some.
[[nodiscard]] bool is_work_root(const fs::path& path);

/// The maps of the running executable, in the work_dir or work_root `place`. Those that are not prepared yet,
/// can not be read, or are somebody else's are left out.
[[nodiscard]] std::vector<FoundMap> find_maps(const fs::path& place);

/// How many chunks of a map have results.
[[nodiscard]] std::size_t count_results(const fs::path& work_dir);

}  // namespace qmr::detail
