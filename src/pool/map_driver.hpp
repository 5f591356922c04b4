#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "pool/map_loop.hpp"
#include "pool/open_map.hpp"
#include "pool/plan.hpp"

namespace qmr::detail {

/// Into what a map is cut.
struct MapSize {
    std::size_t num_tasks = 0;
    std::size_t num_chunks = 0;
    std::function<TaskSpan(std::size_t ichunk)> tasks_of = {};
};

/// Brings a map whose files are written to its end: submits, waits, hands out, and leaves the queue clean.
class MapDriver {
  public:
    /// `in_order`: who takes the outcomes in the order of the tasks; the chunks are computed in that order,
    /// too, as far as queue jobs do not run yet.
    MapDriver(OpenMap& map, MapSize size, std::optional<InOrder> in_order = std::nullopt);
    ~MapDriver();
    MapDriver(const MapDriver&) = delete;
    MapDriver& operator=(const MapDriver&) = delete;

    /// What workers have to know of the options.
    void set_limits(Manifest& manifest) const;
    /// Of a map that is there, where they may be others now.
    void update_manifest();

    /// Goes on where a map was there. Blocks until all is done, and settles what becomes of the work_dir.
    /// Throws QueueError, Interrupted, what the caller threw.
    void run(const LoadResult& load) { drive(load, Until::all_done); }

    /// Blocks until all is submitted, and leaves it in the queue. Throws BadInput where queue jobs die with
    /// this process, with nothing submitted; QueueError, Interrupted.
    void submit();

    /// What run() would do, instead of it.
    [[nodiscard]] MapPreview preview();

    /// Leaves nothing of the map in the queue, and goes on with nothing.
    void cancel();

    /// In the order of the tasks; but for those that were handed out.
    [[nodiscard]] std::vector<TaskFailure> take_failures() { return std::move(failures_); }

  private:
    /// Whether the caller has taken the results that are there.
    enum class Taken { all, not_all };

    void drive(const LoadResult& load, Until until);
    bool run_loop(const LoadResult& load, Until until);
    void begin_loop();
    void leave_in_queue();
    [[nodiscard]] std::string describe_plan() const;
    void tell_plan();
    void go_on();
    [[nodiscard]] std::size_t max_num_local() const;
    [[nodiscard]] std::string describe_queue() const;
    [[nodiscard]] std::unique_ptr<JobQueue> make_queue();
    [[nodiscard]] LoopContext loop_context();
    [[nodiscard]] std::string resume_hint() const;
    [[nodiscard]] std::string with_work_dir(const std::exception& bad) const;
    void finish_loop(Taken taken = Taken::all);

    OpenMap& map_;
    MapSize size_;
    std::optional<InOrder> in_order_;
    JobsPlan jobs_plan_;
    std::unique_ptr<JobQueue> queue_;
    std::unique_ptr<MapLoop> loop_;
    std::vector<TaskFailure> failures_;
    bool do_values_stay_ = false;  ///< in the work_dir, for whoever called
};

}  // namespace qmr::detail
