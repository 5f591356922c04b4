#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "qmr/detail/serialize.hpp"

namespace qmr::detail {

class ChunkSource;
class KeptValues;

/// What a process that runs tasks is at, so that whoever watches it can tell when it ends there.
enum class Stage { tasks, setup, cleanup, exit };

/// The chunks that a process runs one after the other on its worker node, as the compiled function sees them:
/// tasks come out, results go in. Where one chunk ends and the next one begins is not seen.
class ChunkRun {
  public:
    explicit ChunkRun(ChunkSource& source);
    ~ChunkRun();
    ChunkRun(const ChunkRun&) = delete;
    ChunkRun& operator=(const ChunkRun&) = delete;

    /// Loads the data of the function object.
    template <class F>
    void load_function(F& f) {
        RecordReader file(function_path_, function_header_);
        if (!file.next() || file.kind() != RecordKind::function) file.fail("there is no function in it");
        Loader(file).load(f);
    }

    /// Calls setup() of the function object. Throws Error when that throws.
    template <class F>
    void set_up(F& f) {
        enter(Stage::setup);
        try {
            f.setup();
        } catch (...) {
            fail_setup();
        }
        enter(Stage::tasks);
    }

    /// Calls cleanup() of the function object. An exception is told on stderr.
    template <class F>
    void clean_up(F& f) {
        enter(Stage::cleanup);
        try {
            f.cleanup();
        } catch (...) {
            tell_of_cleanup();
        }
        enter(Stage::tasks);
    }

    /// The next task to run; blocks until there is one. Null: there are no more.
    [[nodiscard]] Loader* next_task();

    /// Begins the result of the task.
    [[nodiscard]] Saver& begin_value();
    void end_value();

    /// To be called in a catch clause: writes down the exception as the outcome of the task, unless the task
    /// is to be tried again; then it is the next one once more.
    void fail();

  private:
    struct OpenChunk {
        RecordReader tasks;
        Loader loader;
        OpenChunk(std::string path, const FileHeader& expected)
            : tasks(std::move(path), expected), loader(tasks) {}
    };
    bool open_next_chunk();
    void wait_for_turn();
    void begin_task();
    void end_outcome();
    void enter(Stage stage);
    [[noreturn]] static void fail_setup();
    static void tell_of_cleanup();

    ChunkSource& source_;
    RecordWriter& results_;
    Saver saver_;
    std::string function_path_;
    FileHeader function_header_;
    std::optional<OpenChunk> chunk_;
    std::unique_ptr<KeptValues> kept_;  ///< null: all tasks of the chunk are run
    std::size_t num_to_skip_ = 0;
    bool is_again_ = false;                   ///< the next task is the one that has just failed
    std::chrono::nanoseconds now_{0};         ///< on the steady clock, when the last record ended
    std::chrono::nanoseconds last_flush_{0};  ///< likewise
};

/// Runs tasks of one chunk after the other through one function, which is known at compile time.
using ChunkFunction = void (*)(ChunkRun&);

/// Makes a function known to the workers of this executable. Called before main().
bool register_function(ChunkFunction function);

/// True when it was registered.
[[nodiscard]] bool is_registered(ChunkFunction function);

/// A free function travels as its place in the executable. Throws BadInput when it is not in the executable.
[[nodiscard]] std::uint64_t offset_in_executable(const void* function);
[[nodiscard]] const void* function_at(std::uint64_t offset);

}  // namespace qmr::detail
