#pragma once

#include <optional>

#include "adapters/executable.hpp"
#include "pool/program_maps.hpp"
#include "qmr/options.hpp"

namespace qmr::detail {

/// Whether a map begins, or goes on where another process ended, as its options and the files tell.
/// docs/resume.md has the rules.
class ResumeChoice {
  public:
    /// Throws BadInput when the options make no sense, or the map that they name can not be one of this
    /// executable.
    ResumeChoice(PoolOptions given, const CodeLocation& function, std::optional<std::size_t> num_tasks);

    /// With which the tasks are written. Where PoolOptions::resume is still set, it names this map.
    [[nodiscard]] const PoolOptions& options() const noexcept { return options_; }

    /// Probably the map, in whose chunks the tasks are cut; options() has another work_dir. None: it may be a
    /// new one.
    [[nodiscard]] const std::optional<FoundMap>& guess() const noexcept { return guess_; }

    /// When all tasks are written: the map that there is with this identity and turn, to be gone on with.
    /// None: it is a new one. Throws BadInput when the caller named a map that is this one but for its tasks.
    [[nodiscard]] std::optional<FoundMap> find(const Manifest& own);

    /// Where find() found nothing though there are maps to go on with: why that is, for a person.
    [[nodiscard]] std::optional<std::string> why_new() const;

    /// To go on with that.
    [[nodiscard]] PoolOptions options_to_go_on(const FoundMap& map) const;

  private:
    void choose_work_dir();
    void choose_place();
    void require_same_executable() const;
    void require_another(const Manifest& own) const;

    PoolOptions options_;
    std::optional<fs::path> place_;  ///< a work_dir or work_root with maps, of which it may be one
    bool is_place_root_ = false;
    std::optional<FoundMap> guess_;
};

}  // namespace qmr::detail
