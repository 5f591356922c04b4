#pragma once
// A pool over a dummy queue of its own, in a directory of its own.

#include <cstdint>
#include <filesystem>
#include <qmr/qmr.hpp>
#include <string>
#include <vector>

#include "dummy_queue/dummy_queue.hpp"
#include "temporary_directory.hpp"

namespace qmr::test {

/// A file, whole; empty when it is not there.
[[nodiscard]] std::string text_of(const std::filesystem::path& path);

class Chain {
  public:
    explicit Chain(const std::vector<dummy_queue::Fault>& faults = {});

    /// Polls as fast as it goes, keeps its files, and waits a fifth of a second
    /// for a result to be visible.
    [[nodiscard]] PoolOptions options(Jobs jobs = Jobs::one_per_chunk) const;
    [[nodiscard]] Pool pool() const { return Pool(options()); }

    [[nodiscard]] const dummy_queue::DummyQueue& queue() const { return queue_; }
    [[nodiscard]] std::filesystem::path directory() const { return directory_.path().native(); }
    [[nodiscard]] std::filesystem::path work_dir() const { return directory() / "work_dir"; }

    /// A file in the work_dir, whole.
    [[nodiscard]] std::string text_of(const std::string& name) const {
        return test::text_of(work_dir() / name);
    }

    /// Lines of the journal that hold this text.
    [[nodiscard]] std::size_t num_events(const std::string& text) const;

  private:
    TemporaryDirectory directory_;
    dummy_queue::DummyQueue queue_;
};

/// Options for the local cores with a work_dir in this directory; silent, kept.
[[nodiscard]] PoolOptions local_options(const std::filesystem::path& directory);

/// 0, 1, 2, ...
[[nodiscard]] std::vector<std::int64_t> numbers(std::int64_t count);
/// 0, 1, 4, ...
[[nodiscard]] std::vector<std::int64_t> squares(std::int64_t count);

std::int64_t square(std::int64_t x);

}  // namespace qmr::test
