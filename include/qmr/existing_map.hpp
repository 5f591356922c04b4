#pragma once

#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "qmr/detail/existing_run.hpp"
#include "qmr/detail/zip.hpp"
#include "qmr/options.hpp"
#include "qmr/result.hpp"

namespace qmr {

/// A map that is in a work_dir, whichever program began it, be it on another host. Its tasks and its function
/// are there already, so it can be brought to its end without them.
class ExistingMap {
  public:
    /// Reads what map it is, and touches nothing. Throws BadInput when there is no map in `work_dir`, or it
    /// is not this user's, or has a newer format.
    explicit ExistingMap(const std::filesystem::path& work_dir)
        : run_(std::make_unique<detail::ExistingRun>(work_dir)) {}

    /// The options that the map was begun with. Limits, resources and intervals may be changed before it is
    /// gone on with, as PoolOptions::resume has it.
    [[nodiscard]] PoolOptions& options() noexcept { return run_->options(); }

    /// Whether this very executable began it, with a function of type F over tasks of type T.
    template <class F, class T>
    [[nodiscard]] bool is_of() const {
        static_cast<void>(detail::Registered<F, T>::is_known);
        return run_->is_of(&detail::Registered<F, T>::run);
    }

    /// Goes on with a map that is_of<F, T>(), as PoolOptions::resume does, and hands each outcome to
    /// `take(std::size_t itask, Result<R> outcome)`, as Pool::for_each_result() does. Blocks until all queue
    /// jobs are done. Throws BadInput when another process works on it, or it is another map; QueueError,
    /// Interrupted, what `take` throws.
    template <class F, class T, class Take>
    void for_each_result(Take take) {
        using R = detail::ResultOf<F, T>;
        static_assert(
            std::invocable<Take&, std::size_t, Result<R>>,
            "qmr: for_each_result needs something that takes (std::size_t itask, Result<R> outcome)");
        static_cast<void>(detail::Registered<F, T>::is_known);
        run_->deliver(&detail::Registered<F, T>::run, detail::in_order<R>(take));
    }

    /// Goes on with the map, whatever it maps, until each task has its outcome in the work_dir, from where
    /// the program that began it can take them (PoolOptions::resume). Gives the failures, in the order of the
    /// tasks. Blocks until all queue jobs are done. Throws as for_each_result().
    std::vector<TaskFailure> finish() { return run_->finish(); }

    /// Ends the map: a process that works on it is told to leave, within some seconds, and its queue jobs are
    /// deleted. What is computed is kept, and the map can be gone on with. Blocks until nothing of it is in
    /// the queue. Throws BadInput when such a process does not leave; QueueError.
    void cancel() { run_->cancel(); }

    /// The tasks that failed are run again by what follows, with all their retries anew.
    void retry_failed() noexcept { run_->retry_failed(); }

  private:
    std::unique_ptr<detail::ExistingRun> run_;
};

}  // namespace qmr
