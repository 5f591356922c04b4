#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "qmr/detail/stored_run.hpp"
#include "qmr/options.hpp"
#include "qmr/result.hpp"

namespace qmr {

/// A map whose values were left in its work_dir: Pool::map_to_work_dir().
struct StoredMap {
    std::filesystem::path work_dir;  ///< absolute; empty: there were no tasks
    std::size_t num_tasks = 0;
    std::vector<TaskFailure> failures;  ///< in the order of the tasks; the others have values
};

/// The values of a map, of type R, that are in its work_dir. Whoever sees the directory can read them, also a
/// task of another map on its worker node; it must be the executable that mapped, or one whose R cereal
/// writes likewise.
template <class R>
class StoredValues {
  public:
    /// `patience`: how long a file may take to be seen from here, in seconds, as network file systems cache
    /// what they know. Throws BadInput when there is no map in `work_dir`, it is not this user's, or it has a
    /// newer format.
    explicit StoredValues(const std::filesystem::path& work_dir, Seconds patience = Seconds{0})
        : run_(work_dir, patience) {}

    [[nodiscard]] std::size_t num_tasks() const noexcept { return run_.num_tasks(); }

    /// The value of a task. One behind the last that was read costs least. Blocks while its file is not seen,
    /// for `patience` at most. Throws BadInput when the map has no such task; Error that names the file when
    /// the task has no value, or it can not be read.
    [[nodiscard]] R read(std::size_t itask) {
        R value{};
        run_.read(itask, [&value](detail::Loader& loader) { loader.load(value); });
        return value;
    }

  private:
    detail::StoredRun run_;
};

}  // namespace qmr
