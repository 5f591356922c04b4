#pragma once
// The typed half of a call of map(): what it takes, walking over its ranges, and what it gives.

#include <any>
#include <filesystem>
#include <iterator>
#include <new>
#include <optional>
#include <ranges>
#include <tuple>
#include <utility>
#include <vector>

#include "qmr/detail/function.hpp"
#include "qmr/detail/map_run.hpp"
#include "qmr/map_error.hpp"

namespace qmr::detail {

/// Several ranges as one: a task is one element of each.
template <class... Ranges>
class Zip {
  public:
    explicit Zip(Ranges&... ranges)
        : size_(common_size(ranges...)),
          iterators_(std::ranges::begin(ranges)...),
          ends_(std::ranges::end(ranges)...) {}

    /// None: not known before the end.
    [[nodiscard]] std::optional<std::size_t> size() const { return size_; }

    [[nodiscard]] bool is_at_end() const {
        return fold([](const auto&... ended) { return (ended || ...); });
    }

    /// Throws BadInput when one range has ended and another has not.
    void check_end() const {
        if (!fold([](const auto&... ended) { return (ended && ...); }, true)) throw_unequal();
    }

    void next() {
        std::apply([](auto&... iterators) { (static_cast<void>(++iterators), ...); }, iterators_);
    }

    void save(Saver& saver) const {
        std::apply(
            [&](const auto&... iterators) {
                saver.save(static_cast<const std::ranges::range_value_t<Ranges>&>(*iterators)...);
            },
            iterators_);
    }

  private:
    [[noreturn]] static void throw_unequal() {
        throw BadInput("map: the ranges have different lengths; nothing was submitted");
    }

    template <class Range>
    static constexpr bool is_endless =
        std::same_as<std::ranges::sentinel_t<Range>, std::unreachable_sentinel_t>;

    // Whether each range is at its end; an endless one agrees with the others.
    template <class Fold>
    [[nodiscard]] bool fold(Fold fold_all, bool endless_is_ended = false) const {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return fold_all((is_endless<Ranges> ? endless_is_ended
                                                : bool(std::get<I>(iterators_) == std::get<I>(ends_)))...);
        }(std::index_sequence_for<Ranges...>{});
    }

    static std::optional<std::size_t> common_size(Ranges&... ranges) {
        std::optional<std::size_t> common;
        bool is_known = true;
        const auto take = [&]<class Range>(Range& range) {
            if constexpr (is_endless<Range>) {
            } else if constexpr (std::ranges::sized_range<Range> || std::ranges::forward_range<Range>) {
                const auto size = static_cast<std::size_t>(std::ranges::distance(range));
                if (common && *common != size) throw_unequal();
                common = size;
            } else {
                is_known = false;
            }
        };
        (take(ranges), ...);
        if (!is_known) return std::nullopt;
        return common;
    }

    std::optional<std::size_t> size_;
    std::tuple<std::ranges::iterator_t<Ranges>...> iterators_;
    std::tuple<std::ranges::sentinel_t<Ranges>...> ends_;
};

template <class... Ranges>
Zip<std::remove_reference_t<Ranges>...> zip(Ranges&... ranges) {
    return Zip<std::remove_reference_t<Ranges>...>(ranges...);
}

/// The types of a call of map(), and the sentences for those that can not be.
template <class F, class... Ranges>
struct Call {
    template <class... Ts>
    struct TaskOf {
        using type = std::tuple<Ts...>;
    };
    template <class T>
    struct TaskOf<T> {
        using type = T;
    };
    using Task = typename TaskOf<std::ranges::range_value_t<Ranges>...>::type;

    template <bool is_callable, class Fallback>
    struct ResultIf {
        using type = Fallback;
    };
    template <class Fallback>
    struct ResultIf<true, Fallback> {
        using type = ResultOf<F, Task>;
    };
    using Result = typename ResultIf<TakesTask<F, Task>, int>::type;
    using Registered = detail::Registered<F, Task>;

    static consteval bool check() {
        static_assert(sizeof...(Ranges) > 0, "qmr: map needs a function and at least one range of tasks");
        static_assert(
            Portable<F>,
            "qmr: the function can not travel to a worker node. It must be a free function, a lambda "
            "that captures nothing, or a function object that is default constructible and that cereal "
            "can serialise: make what a lambda captures the members of a struct with operator() and "
            "serialize()");
        static_assert((Serialisable<std::ranges::range_value_t<Ranges>> && ...),
                      "qmr: a task can not be written to a file. Its type must be default constructible and "
                      "cereal must be able to serialise it: give it a member template serialize(Archive&)");
        static_assert(
            !Portable<F> || TakesTask<F, Task>,
            "qmr: the function can not be called with a task. It must take it by value, by const "
            "reference or by rvalue reference; for several ranges or a std::tuple it takes the elements");
        static_assert(
            std::is_void_v<Result> || Serialisable<Result>,
            "qmr: the result of the function can not be written to a file. Its type must be default "
            "constructible and cereal must be able to serialise it: give it a member template "
            "serialize(Archive&)");
        return sizeof...(Ranges) > 0 && Portable<F> &&
               (Serialisable<std::ranges::range_value_t<Ranges>> && ...) && TakesTask<F, Task> &&
               (std::is_void_v<Result> || Serialisable<Result>);
    }
};

/// Outcomes of type R, one after the other, to the caller.
template <class R, class Take>
InOrder in_order(Take& take) {
    const auto give = [&take](std::size_t itask, Result<R> outcome) {
        try {
            take(itask, std::move(outcome));
        } catch (...) {
            throw CallerThrew{std::current_exception()};
        }
    };
    return {[give](std::size_t itask, Loader& loader) {
                if constexpr (std::is_void_v<R>) {
                    give(itask, Result<void>());
                } else {
                    std::optional<R> value;
                    loading([&] { loader.load(value.emplace()); });
                    give(itask, Result<R>(std::move(*value)));
                }
            },
            [give](TaskFailure failure) {
                const std::size_t itask = failure.itask;
                give(itask, Result<R>(std::move(failure)));
            }};
}

/// What came of a call of map().
template <class R>
struct Outcome {
    std::vector<R> values;  ///< default constructed where the task failed
    std::vector<TaskFailure> failures;
    std::filesystem::path work_dir;

    void resize(std::size_t num_tasks) {
        try {
            values.resize(num_tasks);
        } catch (const std::bad_alloc&) {
            throw not_enough_memory();
        }
    }

    void load(std::size_t itask, Loader& loader) {
        loading([&] {
            if constexpr (std::is_same_v<R, bool>) {
                bool value = false;
                loader.load(value);
                values[itask] = value;
            } else {
                loader.load(values[itask]);
            }
        });
    }

    std::vector<Result<R>> results() && {
        std::vector<Result<R>> all;
        all.reserve(values.size());
        std::size_t ifailure = 0;
        for (std::size_t itask = 0; itask < values.size(); ++itask) {
            if (ifailure < failures.size() && failures[ifailure].itask == itask)
                all.emplace_back(failures[ifailure++]);
            else
                all.emplace_back(static_cast<R>(std::move(values[itask])));
        }
        return all;
    }

    MapError error() && {
        const std::size_t num_tasks = values.size();
        auto all = std::make_shared<std::vector<Result<R>>>(std::move(*this).results());
        return MapError(num_tasks, std::move(failures), std::move(work_dir), std::any(std::move(all)));
    }
};

template <>
struct Outcome<void> {
    std::size_t num_tasks = 0;
    std::vector<TaskFailure> failures;
    std::filesystem::path work_dir;

    void resize(std::size_t num) { num_tasks = num; }
    void load(std::size_t, Loader&) {}

    std::vector<Result<void>> results() && {
        std::vector<Result<void>> all(num_tasks);
        for (const TaskFailure& failure : failures) all[failure.itask] = failure;
        return all;
    }

    MapError error() && {
        auto all = std::make_shared<std::vector<Result<void>>>(std::move(*this).results());
        return MapError(num_tasks, std::move(failures), std::move(work_dir), std::any(std::move(all)));
    }
};

}  // namespace qmr::detail
