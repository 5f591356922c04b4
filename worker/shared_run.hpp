#pragma once
// Memory that the watching process shares with the child that runs the tasks. The buffer of the results is in
// it, so that nothing is lost with the child; the number of the running task, at the price of a store; and
// what became of earlier attempts of that task.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "qmr/detail/chunk_run.hpp"
#include "qmr/detail/record_file.hpp"
#include "vocabulary/atomic_file.hpp"
#include "worker/task_history.hpp"

namespace qmr::detail {

inline constexpr std::size_t no_task = std::numeric_limits<std::size_t>::max();

/// What the child has to say about a chunk, beyond results.
struct RunReport {
    enum class State { running, finished, failed };
    volatile State state = State::running;
    volatile Stage stage = Stage::tasks;
    volatile std::size_t itask = no_task;     ///< index in the chunk of the task that runs
    volatile std::int64_t begin_of_task = 0;  ///< nanoseconds on the steady clock, to some milliseconds
    volatile std::uint64_t num_settled = 0;   ///< outcomes that count, where some wait for that
    std::uint64_t peak_memory = 0;            ///< bytes, of the process since its begin
    int error = 0;                            ///< errno of a failed write, or of what was lacking
    bool is_by_setup = false;                 ///< the function object could not be made, or set up
    std::array<char, 2048> message{};         ///< when failed

    void fail(std::string_view why, int number);

    /// Since the task that runs began.
    [[nodiscard]] double seconds_of_task() const;
};

/// The report on a chunk and the writer of its results, at the same addresses in both processes, and the file
/// of the results under the same number: a writer knows its file by number.
class SharedRun {
  public:
    /// Throws Error.
    SharedRun();
    ~SharedRun();
    SharedRun(const SharedRun&) = delete;
    SharedRun& operator=(const SharedRun&) = delete;

    /// Begins the results of a chunk in a file, by a new writer in the old one's place.
    void begin_results(int file, std::string_view path);

    /// Begins a report.
    void begin_report();

    /// Puts a file under the number that the writer knows, in this process.
    void open_results(int file);

    /// Closes that one in this process. NFS keeps a file that is open somewhere beyond its removal.
    void close_results();

    [[nodiscard]] RunReport& report() noexcept { return *report_; }
    [[nodiscard]] RecordWriter& writer() noexcept { return *writer_; }
    /// Of the task that runs; begun anew with the results of a chunk.
    [[nodiscard]] TaskHistory& history() noexcept { return *history_; }
    [[nodiscard]] int results_file() const noexcept { return slot_.get(); }

  private:
    Descriptor null_device_;  ///< what is in the slot when no file is
    Descriptor slot_;
    void* memory_;
    RunReport* report_;
    RecordWriter* writer_;
    TaskHistory* history_;
};

}  // namespace qmr::detail
