#pragma once
// Memory that the watching process shares with the child that runs the tasks. The buffer of the results is in
// it, so that nothing is lost with the child; and the number of the running task, at the price of a store.

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "qmr/detail/record_file.hpp"

namespace qmr::detail {

inline constexpr std::size_t no_task = std::numeric_limits<std::size_t>::max();

/// What the child has to say, beyond results.
struct RunReport {
    enum class State { running, finished, failed };
    volatile State state = State::running;
    volatile std::size_t itask = no_task;  ///< index in the chunk of the task that runs
    int error = 0;                         ///< errno of a failed write
    std::array<char, 2048> message{};      ///< when failed

    void fail(std::string_view why, int number);
};

class SharedRun {
  public:
    /// Throws Error.
    SharedRun(int descriptor, const char* path);
    ~SharedRun();
    SharedRun(const SharedRun&) = delete;
    SharedRun& operator=(const SharedRun&) = delete;

    [[nodiscard]] RunReport& report() noexcept { return *report_; }
    [[nodiscard]] RecordWriter& writer() noexcept { return *writer_; }

  private:
    void* memory_;
    RunReport* report_;
    RecordWriter* writer_;
};

}  // namespace qmr::detail
