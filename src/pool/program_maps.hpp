#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "pool/found_maps.hpp"

namespace qmr::detail {

/// What concerns more than one map of a program, from its begin to its end: their order, what they may go on
/// with, and how long their results stay. Threads may call all members at the same time.
class ProgramMaps {
  public:
    [[nodiscard]] static ProgramMaps& of_this_process();

    /// While it lives, a map runs.
    class Running {
      public:
        Running();
        ~Running();
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;

        /// How many maps the program had begun before. None: some ran at the same time, so it may be another
        /// one when the program is started again.
        [[nodiscard]] std::optional<std::size_t> position() const noexcept { return position_; }

      private:
        std::optional<std::size_t> position_;
    };

    /// How many maps with this identity there were before; this one is counted from here on.
    [[nodiscard]] std::size_t take_turn(const MapIdentity& map);

    /// See FoundMaps. `place` is looked at when it is named for the first time. At the end of the program it
    /// is told which maps in there were not taken.
    [[nodiscard]] std::optional<FoundMap> guess(const fs::path& place, const MapSketch& map);
    /// Where there are several, the one with the most results.
    [[nodiscard]] std::optional<FoundMap> take(const fs::path& place, const MapIdentity& map,
                                               std::size_t turn);
    [[nodiscard]] std::size_t num_left(const fs::path& place);
    [[nodiscard]] std::vector<FoundMap> left(const fs::path& place);

    /// The map in `work_dir` is complete, and its work_dir is of use until the program ends: with exit code 0
    /// it is removed, with any other end it stays.
    void keep_until_exit(const fs::path& work_dir);

    /// Whether something is said at the end of the program.
    void tell_at_exit(bool is_told);

  private:
    FoundMaps& found(const fs::path& place);
    void watch_exit();
    static void at_exit(int exit_code, void*) noexcept;
    void end(int exit_code);
    void tell_what_was_not_taken() const;

    std::mutex mutex_;
    std::optional<long> pid_;  ///< that watches its end; a copy of the process does not
    bool is_told_ = true;
    std::size_t num_begun_ = 0;
    std::size_t num_running_ = 0;
    bool is_one_by_one_ = true;
    std::map<MapIdentity, std::size_t> num_before_;
    std::map<fs::path, FoundMaps> found_;
    std::vector<fs::path> kept_;
};

}  // namespace qmr::detail
