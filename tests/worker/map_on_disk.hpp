#pragma once
// The work_dir of a map, as a pool leaves it for workers, and what they made of it.

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/attempt_record.hpp"
#include "adapters/manifest.hpp"
#include "qmr/detail/function.hpp"
#include "temporary_directory.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::test {

/// The code that map() makes for a function object that takes a number, or what is written likewise.
template <class F, class Task = std::int64_t>
detail::ChunkFunction code_of() {
    using Code = detail::Registered<F, Task>;
    static_cast<void>(Code::is_known);
    return &Code::run;
}

class MapOnDisk {
  public:
    using Numbers = std::vector<std::int64_t>;

    /// `chunks`: the tasks of each. `jobs`: the chunks of each queue job of submission 0.
    MapOnDisk(detail::ChunkFunction function, const std::vector<Numbers>& chunks,
              const std::vector<std::vector<std::size_t>>& jobs);

    /// To be called when the manifest was changed.
    void write_manifest() const { detail::write_manifest(work_dir, manifest); }
    void write_chunk(std::size_t ichunk, const Numbers& tasks) const;

    [[nodiscard]] std::uint64_t session() const;

    [[nodiscard]] bool has_results(std::size_t ichunk) const;
    [[nodiscard]] std::size_t num_results() const;
    /// The values in the result file of a chunk.
    [[nodiscard]] Numbers results(std::size_t ichunk) const;
    [[nodiscard]] std::vector<detail::ExitRecord> exit_records() const;
    /// What the tasks of a chunk printed to stdout.
    [[nodiscard]] std::string printed(std::size_t ichunk) const;

    TemporaryDirectory directory;
    detail::WorkDir work_dir{directory.path()};
    detail::Manifest manifest;
};

/// Runs a worker in this process; gives its exit code.
int work(std::vector<std::string> arguments);
int work(const MapOnDisk& map, const char* isubmission = "0", const char* index = "1");

/// A file that processes of a test write words into, one after the other.
class Diary {
  public:
    Diary();
    ~Diary();
    Diary(const Diary&) = delete;
    Diary& operator=(const Diary&) = delete;

    /// In any process: adds a word to the diary of the test that runs.
    static void write(const std::string& word);
    [[nodiscard]] std::string text() const;

  private:
    TemporaryDirectory directory_;
};

}  // namespace qmr::test
