#pragma once
// What the journal of a map tells who looks at it: when what happened to which chunk.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/journal_reader.hpp"
#include "qmr/result.hpp"

namespace qmr::detail {

using Time = std::chrono::system_clock::time_point;

/// An attempt on a chunk ended without a result.
struct AttemptEnding {
    std::optional<Time> seen_at;           ///< by the process node
    std::optional<JobKey> job;             ///< that made the attempt
    std::string said;                      ///< what happened, and what was done about it
    std::optional<FailedAttempt> attempt;  ///< what is known of it
};

/// A chunk was given up: its tasks without an outcome have failed.
struct GivenUp {
    TaskFailure failure;         ///< of each of them, but for its itask
    std::size_t num_failed = 0;  ///< tasks of the chunk
};

struct ChunkPast {
    std::vector<AttemptEnding> endings;     ///< oldest first
    std::optional<std::size_t> num_failed;  ///< tasks, of a chunk whose results were read
    std::size_t num_attempts = 0;           ///< of such a chunk, as they were counted; 0: not known
    std::optional<GivenUp> given_up;        ///< and nobody has gone on with the map since
};

struct JournalHistory {
    Journal journal;
    std::map<std::size_t, ChunkPast> chunks;                  ///< by ichunk, those that something happened to
    std::map<std::size_t, std::optional<Time>> submitted_at;  ///< by isubmission
    std::optional<Time> begin;                                ///< when the first submission was made
    std::optional<Time> resumed_at;     ///< when the last process went on with the map; none: it began it
    std::size_t first_isubmission = 0;  ///< of that process
};

/// Reads the text of a journal. Throws as read_journal() does.
[[nodiscard]] JournalHistory read_journal_history(std::string_view text, std::size_t num_chunks,
                                                  std::string_view path);

}  // namespace qmr::detail
