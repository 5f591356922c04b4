#pragma once
// What comes of a command on a worker node, and travels back.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace qmr::cli {

/// What a command printed on one stream: in memory, or, when it was too much for that, in a file.
struct Stream {
    std::string text;
    std::string file;
    std::uint64_t size = 0;  ///< bytes

    template <class Archive>
    void serialize(Archive& archive) {
        archive(text, file, size);
    }
};

/// What came of a command that exited with 0.
struct CommandOutput {
    std::string task;  ///< its text; of one that was read on stdin, as short_text() has it
    Stream out;
    Stream err;
    double seconds = 0;
    std::uint64_t peak_memory = 0;  ///< bytes
    std::string host;
    std::uint64_t num_attempts = 1;
    std::vector<std::string> left_running;  ///< processes that hold its output open: what they print is lost

    template <class Archive>
    void serialize(Archive& archive) {
        archive(task, out, err, seconds, peak_memory, host, num_attempts, left_running);
    }
};

/// What is known of a command that failed besides what TaskFailure tells: TaskFailure::details.
struct FailureDetails {
    std::string task;  ///< likewise
    Stream out;        ///< in files, where there is anything
    Stream err;
    bool was_run = true;  ///< else --halt has come before

    [[nodiscard]] std::string to_json() const;
    /// None: these details are no command's.
    [[nodiscard]] static std::optional<FailureDetails> from_json(const std::string& text);
};

/// A task as it is shown to a person: its first line, cut to 200 bytes, without control characters.
[[nodiscard]] std::string short_text(const std::string& task);

}  // namespace qmr::cli
