#pragma once

#include <iterator>
#include <ranges>
#include <utility>

#include "qmr/detail/callers_code.hpp"
#include "qmr/detail/function.hpp"
#include "qmr/detail/map_run.hpp"
#include "qmr/detail/zip.hpp"
#include "qmr/map_error.hpp"
#include "qmr/options.hpp"
#include "qmr/result.hpp"
#include "qmr/stored_values.hpp"

namespace qmr {

/// Maps a function over tasks, through the batch system of the site or the cores of this machine.
///
///     qmr::Pool pool;
///     std::vector<double> energies = pool.map(reconstruct, events);
///
/// A Pool holds its options and nothing else: no connection, no thread, no queue job. It can be used again,
/// and two maps at once never touch each other's queue jobs.
///
/// Threads of a program may map at the same time, through one Pool or several. All that a map calls here, it
/// calls in the thread that called it. While a map runs, no thread may change the environment, the current
/// directory, or the handlers of SIGINT, SIGTERM, SIGHUP and SIGCHLD. A signal that asks the process to end
/// interrupts all maps: each deletes its queue jobs, and waits until the others have; then the signal comes
/// once more, and means what it meant before. Where it did not end the process, each map throws Interrupted.
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
    /// minute, together with what static objects and functions of atexit() do at the end of the process, and
    /// none of it is called in a process that a task has ended.
    ///
    /// Blocks until all queue jobs are done. Throws MapError when a task has no result; it holds all others.
    /// Throws BadInput before anything is submitted, also without tasks; QueueError when the batch system
    /// refuses the queue jobs; Interrupted. In each case no queue job of the map is left.
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

    /// As try_map(), but hands each outcome to `take(std::size_t itask, Result<R> outcome)`, here and in the
    /// order of the tasks, as soon as those of all tasks before it were: for what should be seen early, or
    /// does not fit into memory together. One outcome at a time is in memory; those whose turn has not come
    /// wait in the work_dir. What `take` throws ends the map, with its queue jobs deleted, and comes out of
    /// here.
    template <class F, std::ranges::input_range Tasks, class Take>
    void for_each_result(F f, Tasks&& tasks, Take take) const {
        using Call = detail::Call<F, Tasks>;
        if constexpr (Call::check()) {
            using R = typename Call::Result;
            static_assert(
                std::invocable<Take&, std::size_t, Result<R>>,
                "qmr: for_each_result needs something that takes (std::size_t itask, Result<R> outcome)");
            detail::unwound([&] {
                if (const auto map = begin<Call>(f, tasks)) map->deliver(detail::in_order<R>(take));
            });
        }
    }

    /// As try_map(), but the values stay in the work_dir, which is kept: for values that nobody needs here,
    /// since tasks of another map read them where they run. StoredValues reads them, remove_map() removes
    /// them. How much memory this takes does not depend on them.
    template <class F, std::ranges::input_range... Ranges>
    [[nodiscard]] StoredMap map_to_work_dir(F f, Ranges&&... tasks) const {
        using Call = detail::Call<F, Ranges...>;
        if constexpr (Call::check()) {
            return detail::unwound([&]() -> StoredMap {
                const auto map = begin<Call>(f, tasks...);
                if (!map) return {};
                std::vector<TaskFailure> failures = map->leave_values();
                return {map->work_dir(), map->num_tasks(), std::move(failures)};
            });
        }
    }

    /// What map() would do, without submitting anything: the work_dir is made as for map(), and removed
    /// again. Throws BadInput as map(), also without tasks. May block as long as the batch system takes to
    /// answer.
    template <class F, std::ranges::input_range... Ranges>
    [[nodiscard]] MapPreview preview(F f, Ranges&&... tasks) const {
        using Call = detail::Call<F, Ranges...>;
        if constexpr (Call::check()) {
            return detail::unwound([&] {
                const auto map = begin<Call>(f, tasks...);
                if (!map) throw BadInput("map: there are no tasks");
                return map->preview();
            });
        }
    }

    /// Submits a map and leaves it alone: its queue jobs work on while this program does something else, or
    /// has ended. Gives the work_dir, by which the map is gone on with (PoolOptions::resume, ExistingMap):
    /// until then nobody looks after what goes wrong. Blocks until the batch system has all queue jobs.
    /// Throws BadInput before anything is submitted, also without tasks, and on the local cores, where queue
    /// jobs end with this process; QueueError, Interrupted.
    template <class F, std::ranges::input_range... Ranges>
    [[nodiscard]] std::filesystem::path submit(F f, Ranges&&... tasks) const {
        using Call = detail::Call<F, Ranges...>;
        if constexpr (Call::check()) {
            return detail::unwound([&] {
                const auto map = begin<Call>(f, tasks...);
                if (!map) throw BadInput("map: there are no tasks to be submitted");
                map->submit();
                return map->work_dir();
            });
        }
    }

  private:
    // Null: there are no tasks.
    template <class Call, class F, class... Ranges>
    [[nodiscard]] std::unique_ptr<detail::MapRun> begin(const F& f, Ranges&... tasks) const {
        static_cast<void>(Call::Registered::is_known);
        auto zipped = detail::zip(tasks...);
        const std::optional<std::size_t> num_tasks = zipped.size();
        if (zipped.is_at_end()) {
            zipped.check_end();
            detail::MapRun::check_without_tasks(options_, &Call::Registered::run, num_tasks);
            return nullptr;
        }
        auto map = std::make_unique<detail::MapRun>(options_, &Call::Registered::run, num_tasks);
        detail::saving({}, [&] { detail::save_function(f, map->begin_function()); });
        map->end_function();
        for (std::size_t itask = 0; !zipped.is_at_end(); zipped.next(), ++itask) {
            detail::saving(itask, [&] { zipped.save(map->begin_task()); });
            map->end_task();
        }
        zipped.check_end();
        map->end_of_tasks();
        return map;
    }

    template <class Call, class F, class... Ranges>
    detail::Outcome<typename Call::Result> run(const F& f, Ranges&&... tasks) const {
        return detail::unwound([&] {
            detail::Outcome<typename Call::Result> outcome;
            const auto map = begin<Call>(f, tasks...);
            if (!map) return outcome;
            outcome.resize(map->num_tasks());
            outcome.failures = map->collect(
                [&outcome](std::size_t itask, detail::Loader& loader) { outcome.load(itask, loader); });
            outcome.work_dir = map->work_dir();
            return outcome;
        });
    }

    PoolOptions options_;
};

}  // namespace qmr
