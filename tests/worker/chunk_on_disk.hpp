#pragma once
// A work_dir with one chunk, as a pool leaves it for a worker, and what an attempt made of it.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "adapters/attempt_record.hpp"
#include "qmr/detail/chunk_run.hpp"
#include "temporary_directory.hpp"
#include "vocabulary/atomic_file.hpp"
#include "vocabulary/work_dir.hpp"
#include "worker/attempt.hpp"

namespace qmr::test {

/// What a result file holds for a task.
struct Outcome {
    detail::RecordKind kind = detail::RecordKind::value;
    std::string text;  ///< value: the number; else the message

    friend bool operator==(const Outcome&, const Outcome&) = default;
};
using Outcomes = std::vector<Outcome>;

inline Outcome value(std::int64_t number) {
    return {detail::RecordKind::value, std::to_string(number)};
}
inline Outcome exception(std::string message) {
    return {detail::RecordKind::exception, std::move(message)};
}
inline Outcome crash(std::string message) {
    return {detail::RecordKind::crash, std::move(message)};
}

class ChunkOnDisk {
  public:
    static constexpr std::size_t ichunk = 4;
    static constexpr std::size_t first_itask = 400;
    static constexpr std::uint64_t session = 0x5E5510;

    /// A chunk of the numbers 0 to num_tasks - 1.
    explicit ChunkOnDisk(std::size_t num_tasks);

    /// The same in a directory that exists and is not removed.
    ChunkOnDisk(const detail::fs::path& directory, std::size_t num_tasks);

    [[nodiscard]] const detail::WorkDir& work_dir() const { return work_dir_; }

    /// Runs the function for each task in an attempt.
    detail::AttemptEnd attempt(std::int64_t (*function)(std::int64_t));
    detail::AttemptEnd attempt(detail::ChunkFunction function);

    /// Of a result file that is whole; throws when there is none.
    [[nodiscard]] Outcomes outcomes() const;
    [[nodiscard]] detail::AttemptInfo info() const;
    /// Of the tasks in it that have no result.
    [[nodiscard]] std::vector<detail::FailureRecord> failures() const;
    [[nodiscard]] bool has_results() const;

    /// Of all attempts that were not committed.
    [[nodiscard]] std::vector<detail::ExitRecord> exit_records() const;

    /// Names of the files with this ending, and the one there is.
    [[nodiscard]] std::vector<std::string> names(const std::string& ending) const;
    [[nodiscard]] std::string name(const std::string& ending) const;

    /// Of the results of this chunk.
    [[nodiscard]] static detail::FileHeader header(std::size_t num_tasks);

    /// How many outcomes are valid in a part.
    [[nodiscard]] std::uint64_t num_in_part(const std::string& name) const;

    /// For the attempts that follow.
    detail::TaskRetries retries;

    /// Content of the files with this ending, one after the other: ".o", ".e", ".part".
    [[nodiscard]] std::vector<std::string> files(const std::string& ending) const;

  private:
    void write(std::size_t num_tasks) const;

    TemporaryDirectory directory_;
    detail::WorkDir work_dir_;
};

/// What this process prints to stderr goes to a file for the time of a test.
class ErrorsToFile {
  public:
    ErrorsToFile();
    ~ErrorsToFile();
    ErrorsToFile(const ErrorsToFile&) = delete;
    ErrorsToFile& operator=(const ErrorsToFile&) = delete;
    [[nodiscard]] std::string text() const { return detail::read_file(directory_ / "stderr"); }

  private:
    TemporaryDirectory directory_;
    detail::Descriptor before_;
    detail::Descriptor file_;
};

/// Ends this process by a signal that nobody handles.
[[noreturn]] void die_by(int signal);

}  // namespace qmr::test
