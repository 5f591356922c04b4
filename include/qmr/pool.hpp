#pragma once

#include <iterator>
#include <ranges>
#include <utility>

#include "qmr/detail/function.hpp"
#include "qmr/detail/map_run.hpp"
#include "qmr/detail/zip.hpp"
#include "qmr/map_error.hpp"
#include "qmr/options.hpp"
#include "qmr/result.hpp"

namespace qmr {

/// Maps a function over tasks, through the batch system of the site or the cores of this machine.
///
///     qmr::Pool pool;
///     std::vector<double> energies = pool.map(reconstruct, events);
///
/// A Pool holds its options and nothing else: no connection, no thread, no queue job. It can be used again,
/// and two maps at once never touch each other's queue jobs.
class Pool {
  public:
    Pool() = default;
    explicit Pool(PoolOptions options) : options_(std::move(options)) {}

    [[nodiscard]] const PoolOptions& options() const noexcept { return options_; }

    /// f(task) for each task, in the order of the tasks; nothing for an f that gives nothing. With several
    /// ranges f(a, b, ...), one of each; they must have the same length. A task that is a std::tuple is
    /// unpacked for an f that takes its elements.
    ///
    /// f is a free function, a captureless lambda, or a function object that cereal can serialise. Tasks and
    /// results are anything that cereal can serialise, results may be move-only. f runs in another process:
    /// what it changes in memory is not seen here. A range of unknown length needs the option chunk_size.
    ///
    /// Where f is a function object with members setup() or cleanup(), which take nothing, each process that
    /// runs tasks calls setup() before its first task and cleanup() after its last one; one process runs the
    /// tasks of many chunks. When setup() throws, the chunk is tried again elsewhere. cleanup() has half a
    /// minute, and is not called in a process that a task has ended.
    ///
    /// Blocks until all queue jobs are done. Throws MapError when a task has no result; it holds all others.
    /// Throws BadInput before anything is submitted; QueueError when the batch system refuses the queue jobs;
    /// Interrupted. In each case no queue job of the map is left.
    template <class F, std::ranges::input_range... Ranges>
    auto map(F f, Ranges&&... tasks) const {
        using Call = detail::Call<F, Ranges...>;
        if constexpr (Call::check()) {
            using R = typename Call::Result;
            detail::Outcome<R> outcome = run<Call>(f, std::forward<Ranges>(tasks)...);
            if (!outcome.failures.empty()) throw std::move(outcome).error();
            if constexpr (!std::is_void_v<R>) return std::move(outcome.values);
        }
    }

    /// As map(), but gives a value or a failure for each task. Does not throw MapError.
    template <class F, std::ranges::input_range... Ranges>
    [[nodiscard]] auto try_map(F f, Ranges&&... tasks) const {
        using Call = detail::Call<F, Ranges...>;
        if constexpr (Call::check()) return run<Call>(f, std::forward<Ranges>(tasks)...).results();
    }

  private:
    template <class Call, class F, class... Ranges>
    detail::Outcome<typename Call::Result> run(const F& f, Ranges&&... tasks) const {
        using R = typename Call::Result;
        detail::Outcome<R> outcome;
        auto zipped = detail::zip(tasks...);
        const std::optional<std::size_t> num_tasks = zipped.size();
        if (zipped.is_at_end()) {
            zipped.check_end();
            return outcome;
        }
        static_cast<void>(Call::Registered::is_known);
        detail::MapRun map(options_, &Call::Registered::run, num_tasks);
        detail::save_function(f, map.begin_function());
        map.end_function();
        for (; !zipped.is_at_end(); zipped.next()) {
            zipped.save(map.begin_task());
            map.end_task();
        }
        zipped.check_end();
        map.end_of_tasks();

        outcome.resize(map.num_tasks());
        outcome.failures = map.collect(
            [&outcome](std::size_t itask, detail::Loader& loader) { outcome.load(itask, loader); });
        outcome.work_dir = map.work_dir();
        return outcome;
    }

    PoolOptions options_;
};

}  // namespace qmr
