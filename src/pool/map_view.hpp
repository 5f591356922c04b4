#pragma once
// A work_dir as somebody sees it who does not work in it: one look at its files, before anything is
// concluded.

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "adapters/journal_history.hpp"
#include "adapters/lease.hpp"
#include "adapters/manifest.hpp"
#include "qmr/detail/record_file.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// Which files there are of an attempt under its own name.
struct AttemptFiles {
    Attempt attempt;
    bool has_part = false;
    bool has_exit_record = false;
    bool has_stdout = false;
    bool has_stderr = false;
};

/// Likewise of a chunk.
struct ChunkFiles {
    bool has_results = false;
    bool has_stdout = false;
    bool has_stderr = false;
    std::vector<AttemptFiles> attempts;
};

struct MapView {
    WorkDir work_dir;
    std::optional<Manifest> manifest;  ///< none: the map is not prepared yet; then there is no history either
    JournalHistory history;
    std::set<std::pair<std::size_t, JobKey>> freed;  ///< ichunk, and a queue job that it waits for no more
    std::map<std::size_t, ChunkFiles> files;         ///< by ichunk; of chunks that no attempt has begun: none
    std::optional<LeaseSeen> lease;
    Time seen_at;

    [[nodiscard]] std::size_t num_chunks() const { return manifest ? manifest->num_chunks : 0; }
    [[nodiscard]] bool is_local() const { return manifest && manifest->batch_system == "local"; }

    /// Of no chunk that anything happened to, all is empty.
    [[nodiscard]] const ChunkFiles& files_of(std::size_t ichunk) const;
    [[nodiscard]] const ChunkPast& past_of(std::size_t ichunk) const;

    /// What a record file of the chunk must say of itself.
    [[nodiscard]] FileHeader header_of(std::size_t ichunk) const;

    /// Whether somebody is taken to work on the map.
    [[nodiscard]] bool is_worked_on() const;

    /// Whether an attempt on a chunk that is not settled may be going on, as far as the files tell.
    [[nodiscard]] bool may_run(std::size_t ichunk, const AttemptFiles& files) const;
};

/// Its names, for a path as a caller gives it.
[[nodiscard]] WorkDir work_dir_at(const std::filesystem::path& path);

/// What map is in a work_dir; none: it is not prepared yet. Throws as look_at_map().
[[nodiscard]] std::optional<Manifest> read_own_manifest(const WorkDir& work_dir);

/// Throws BadInput that names the directory, when it is no work_dir or can not be read.
[[nodiscard]] MapView look_at_map(const std::filesystem::path& work_dir);

}  // namespace qmr::detail
