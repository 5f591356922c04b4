#pragma once

#include <cstddef>

#include "qmr/detail/serialize.hpp"

namespace qmr::detail {

/// A chunk on its worker node, as the compiled function sees it: tasks come out, results go in.
class ChunkRun {
  public:
    /// `num_done`: tasks at the front of the chunk that are finished already. `itask` is where the number of
    /// the task that runs is written, for whoever watches this process.
    ChunkRun(RecordReader& tasks, RecordWriter& results, const char* function_path,
             const FileHeader& function, std::size_t num_done, volatile std::size_t& itask);

    /// Loads the data of the function object.
    template <class F>
    void load_function(F& f) {
        RecordReader file(function_path_, function_header_);
        if (!file.next() || file.kind() != RecordKind::function) file.fail("there is no function in it");
        Loader(file).load(f);
    }

    /// The next task to run; null after the last one.
    [[nodiscard]] Loader* next_task();

    /// Begins the result of the task.
    [[nodiscard]] Saver& begin_value();
    void end_value();

    /// To be called in a catch clause: writes down the exception as the outcome of the task.
    void fail();

  private:
    RecordReader& tasks_;
    RecordWriter& results_;
    Loader loader_;
    Saver saver_;
    const char* function_path_;
    FileHeader function_header_;
    std::size_t num_to_skip_;
    volatile std::size_t& itask_;
};

/// Runs all tasks of a chunk through one function, which is known at compile time.
using ChunkFunction = void (*)(ChunkRun&);

/// Makes a function known to the workers of this executable. Called before main().
bool register_function(ChunkFunction function);

/// True when it was registered.
[[nodiscard]] bool is_registered(ChunkFunction function);

/// A free function travels as its place in the executable. Throws BadInput when it is not in the executable.
[[nodiscard]] std::uint64_t offset_in_executable(const void* function);
[[nodiscard]] const void* function_at(std::uint64_t offset);

}  // namespace qmr::detail
