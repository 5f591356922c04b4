#pragma once
// One call of map(), in bytes: what of it needs no type. Compiled once.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "qmr/detail/callers_code.hpp"
#include "qmr/detail/chunk_run.hpp"
#include "qmr/map_preview.hpp"
#include "qmr/options.hpp"
#include "qmr/result.hpp"

namespace qmr::detail {

/// Takes the outcomes in the order of the tasks, one by one.
struct InOrder {
    std::function<void(std::size_t itask, Loader& loader)> value;
    std::function<void(TaskFailure failure)> failure;
};

class MapRun {
  public:
    /// Checks the options, makes the work_dir, chooses the batch system. Throws BadInput. `num_tasks`: none
    /// when it is not known before the last task was seen, which needs a chunk_size.
    MapRun(const PoolOptions& options, ChunkFunction function, std::optional<std::size_t> num_tasks);

    /// For a map without tasks, which needs no run: throws BadInput as the constructor, as far as that is
    /// known without making a work_dir or asking a batch system.
    static void check_without_tasks(const PoolOptions& options, ChunkFunction function,
                                    std::optional<std::size_t> num_tasks);

    /// Deletes what is left of the queue jobs.
    ~MapRun();
    MapRun(const MapRun&) = delete;
    MapRun& operator=(const MapRun&) = delete;

    /// Where the data of the function object goes; to be closed by end_function().
    [[nodiscard]] Saver& begin_function();
    void end_function();

    /// Where the next task goes; to be closed by end_task().
    [[nodiscard]] Saver& begin_task();
    void end_task();

    /// All tasks are written.
    void end_of_tasks();

    [[nodiscard]] std::size_t num_tasks() const;

    /// Submits the queue jobs, waits for them, and calls load(itask, loader) for each result. A task may be
    /// loaded twice. What load() throws as a CallerThrew ends the map. Gives the failures, in the order of
    /// the tasks, and removes the work_dir unless it is worth a look. Blocks until all is done. Throws
    /// QueueError, Interrupted.
    [[nodiscard]] std::vector<TaskFailure> collect(const std::function<void(std::size_t, Loader&)>& load);

    /// As collect(), but the values stay where they are, in the work_dir, which is kept.
    [[nodiscard]] std::vector<TaskFailure> leave_values();

    /// As collect(), but hands each outcome out as soon as those of all tasks before it were. What `take`
    /// throws ends the map, and comes out of here.
    void deliver(InOrder take);

    /// What would be submitted, instead of doing it.
    [[nodiscard]] MapPreview preview();

    /// Blocks until the queue jobs are submitted, and leaves them and the work_dir.
    void submit();

    [[nodiscard]] std::filesystem::path work_dir() const;

  private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace qmr::detail
