#pragma once
// Tasks of which the test knows what must become of them.

#include <cstdint>
#include <optional>
#include <qmr/result.hpp>
#include <string>
#include <vector>

namespace qmr::test {

struct ChaoticTask {
    enum class Kind : std::uint8_t { value, throws, segfaults, exits };
    std::int64_t number = 0;
    Kind kind = Kind::value;
    int milliseconds = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(number, kind, milliseconds);
    }
};

/// What a task of kind `value` gives.
[[nodiscard]] std::string value_of(const ChaoticTask& task);

/// Why another one fails.
[[nodiscard]] std::optional<Cause> cause_of(const ChaoticTask& task);

/// Does what its task says, and leaves a byte in a file for each time that it was called.
struct Chaotic {
    std::string directory;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(directory);
    }
    std::string operator()(const ChaoticTask& task) const;

    /// How often the task was begun.
    [[nodiscard]] std::size_t num_runs(const ChaoticTask& task) const;
};

/// What is wrong with the results: a sentence for each task that is.
[[nodiscard]] std::vector<std::string> what_is_wrong(const std::vector<ChaoticTask>& tasks,
                                                     const std::vector<Result<std::string>>& results);

}  // namespace qmr::test
