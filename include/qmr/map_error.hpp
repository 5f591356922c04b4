#pragma once

#include <any>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "qmr/result.hpp"

namespace qmr {

/// The failures by their messages, the most frequent first, in one line: "2 x std::runtime_error: no such
/// event (tasks 7, 12); 1 x ...". Of many messages and tasks, the first are named.
[[nodiscard]] std::string summary_of(const std::vector<TaskFailure>& failures);

/// Thrown by Pool::map() when at least one task has no result. It still holds what was computed.
class MapError : public Error {
  public:
    /// `results` holds a std::shared_ptr<std::vector<Result<R>>>, with one for each task.
    MapError(std::size_t num_tasks, std::vector<TaskFailure> failures, std::filesystem::path work_dir,
             std::any results);

    [[nodiscard]] std::size_t num_tasks() const noexcept { return num_tasks_; }

    /// One for each task without a result, in the order of the tasks.
    [[nodiscard]] const std::vector<TaskFailure>& failures() const noexcept { return *failures_; }

    /// Where the files of the map are kept: logs, stdout and stderr of each chunk, results.
    [[nodiscard]] const std::filesystem::path& work_dir() const noexcept { return *work_dir_; }

    /// A value or a failure for each task, in the order of the tasks. R is the result type of f.
    /// Throws std::bad_any_cast when it is not.
    template <class R>
    [[nodiscard]] const std::vector<Result<R>>& results() const {
        return *std::any_cast<const std::shared_ptr<std::vector<Result<R>>>&>(results_);
    }

  private:
    std::size_t num_tasks_;
    std::shared_ptr<const std::vector<TaskFailure>> failures_;
    std::shared_ptr<const std::filesystem::path> work_dir_;
    std::any results_;
};

}  // namespace qmr
