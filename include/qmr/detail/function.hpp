#pragma once
// How a function reaches the worker node: as the place in the executable of the code that map() made for its
// type, and its data. The type is the identity; names of lambdas in two files may be the same.

#include <concepts>
#include <functional>
#include <tuple>
#include <type_traits>

#include "qmr/detail/chunk_run.hpp"

namespace qmr::detail {

template <class F>
inline constexpr bool is_function_pointer =
    std::is_pointer_v<F> && std::is_function_v<std::remove_pointer_t<F>>;

template <class F>
inline constexpr bool is_stateless =
    std::is_class_v<F> && std::is_empty_v<F> && std::default_initializable<F>;

/// A free function, a captureless lambda, or a function object with data that cereal can serialise.
template <class F>
concept Portable = is_function_pointer<F> || is_stateless<F> || (std::is_class_v<F> && Serialisable<F>);

// Not by whether std::apply compiles: that is an error, not an answer, where f does not take the elements.
template <class F, class T>
inline constexpr bool applies_to = false;
template <class F, class... Ts>
inline constexpr bool applies_to<F, std::tuple<Ts...>> = sizeof...(Ts) > 0 && std::invocable<F&, Ts...>;

/// A function object may have a member `setup()`, which takes nothing. It is called once in each process that
/// runs tasks, before the first of them: for what is expensive to make and can not travel, such as a
/// connection or a table. One object runs the tasks of many chunks, and what it keeps stays from one task to
/// the next; after a task that ended its process, a new object in a new process goes on, with a setup() of
/// its own. When it throws, the chunk that was to come fails, and is tried again.
template <class F>
concept HasSetup = requires(F& f) { f.setup(); };

/// And a member `cleanup()`, which takes nothing: called in such a process after its last task, but not when
/// that has ended it, nor when the worker is told to leave by a signal. All results are written by then; when
/// it throws, that is told and costs nothing. It has half a minute, after which the worker ends the process.
template <class F>
concept HasCleanup = requires(F& f) { f.cleanup(); };

/// f takes a task as it is, or the elements of a task that is a tuple.
template <class F, class T>
concept TakesTask = std::invocable<F&, T> || applies_to<F, T>;

template <class F, class T>
decltype(auto) call(F& f, T&& task) {
    if constexpr (std::invocable<F&, T>)
        return std::invoke(f, std::forward<T>(task));
    else
        return std::apply(f, std::forward<T>(task));
}

/// What f gives for a task, without reference and const.
template <class F, class T>
using ResultOf = std::remove_cvref_t<decltype(call(std::declval<F&>(), std::declval<T>()))>;

template <class F>
void save_function(const F& f, Saver& saver) {
    if constexpr (is_function_pointer<F>)
        saver.save(offset_in_executable(reinterpret_cast<const void*>(f)));
    else if constexpr (!is_stateless<F>)
        saver.save(f);
}

template <class F>
F load_function(ChunkRun& chunk) {
    if constexpr (is_function_pointer<F>) {
        std::uint64_t offset = 0;
        chunk.load_function(offset);
        return reinterpret_cast<F>(reinterpret_cast<std::uintptr_t>(function_at(offset)));
    } else {
        F f{};
        if constexpr (!is_stateless<F>) chunk.load_function(f);
        return f;
    }
}

/// The code that runs chunks of tasks of type T through functions of type F.
template <class F, class T>
struct Registered {
    static void run(ChunkRun& chunk) {
        F f = load_function<F>(chunk);
        if constexpr (HasSetup<F>) chunk.set_up(f);
        while (Loader* loader = chunk.next_task()) {
            try {
                T task{};
                load_task(*loader, task);
                if constexpr (std::is_void_v<ResultOf<F, T>>) {
                    call(f, std::move(task));
                    static_cast<void>(chunk.begin_value());
                } else {
                    const ResultOf<F, T> result = call(f, std::move(task));
                    chunk.begin_value().save(result);
                }
                chunk.end_value();
            } catch (...) {
                chunk.fail();
            }
        }
        if constexpr (HasCleanup<F>) chunk.clean_up(f);
    }

    // Used by map(), so that the linker keeps it and it runs before main(), also from a static library.
    static inline const bool is_known = register_function(&run);

  private:
    static void load_task(Loader& loader, T& task) { loader.load(task); }
};

}  // namespace qmr::detail
