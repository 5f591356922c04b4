#include "adapters/journal_history.hpp"

#include <utility>

#include "adapters/attempt_record.hpp"
#include "ground/cause.hpp"

namespace qmr::detail {

namespace {

std::optional<Time> time_of(const Json& line) {
    return line.contains("t") ? read_timestamp(line.at("t").get<std::string>()) : std::nullopt;
}

std::string text_in(const Json& line, const char* key) {
    return line.contains(key) ? line.at(key).get<std::string>() : std::string();
}

std::optional<JobKey> job_of(const Json& line) {
    return line.contains("index") ? std::optional(JournalReplay::key_of(line)) : std::nullopt;
}

GivenUp read_given_up(const Json& line) {
    GivenUp given_up;
    given_up.num_failed = number_at(line, "num_failed");
    TaskFailure& failure = given_up.failure;
    failure.cause = read_cause(line.at("cause").get<std::string>()).value_or(Cause::worker_failure);
    failure.message = text_in(line, "said");
    failure.host = text_in(line, "host");
    if (line.contains("num_attempts"))
        failure.num_attempts = static_cast<int>(number_at(line, "num_attempts"));
    failure.end_of_stderr = text_in(line, "stderr");
    if (line.contains("history")) failure.history = read_history(line.at("history"));
    return given_up;
}

class History {
  public:
    explicit History(std::size_t num_chunks) : replay_(num_chunks) {}

    void take(const Json& line) {
        replay_.take(line);
        const auto event = line.at("event").get<std::string>();
        if (event == "submit") {
            const std::optional<Time> time = time_of(line);
            if (!history_.begin) history_.begin = time;
            history_.submitted_at.emplace(replay_.first_unused() - 1, time);
        } else if (event == "resume") {
            history_.resumed_at = time_of(line);
            history_.first_isubmission = replay_.first_unused();
            for (auto& [ichunk, chunk] : history_.chunks) chunk.given_up.reset();
        } else if (event == "committed") {
            ChunkPast& chunk = chunk_of(line);
            chunk.num_failed = number_at(line, "num_failed");
            if (line.contains("num_attempts")) chunk.num_attempts = number_at(line, "num_attempts");
            chunk.given_up.reset();
        } else if (event == "rejected" || event == "retry") {
            chunk_of(line).num_failed.reset();
        } else if (event == "resubmit" && !line.at("ichunk").is_null()) {
            AttemptEnding ending{time_of(line), job_of(line), text_in(line, "said"), std::nullopt};
            if (line.contains("attempt")) ending.attempt = read_failed_attempt(line.at("attempt"));
            chunk_of(line).endings.push_back(std::move(ending));
        } else if (event == "give_up") {
            give_up(line);
        }
    }

    [[nodiscard]] JournalHistory finish() {
        history_.journal = std::move(replay_.journal());
        return std::move(history_);
    }

  private:
    ChunkPast& chunk_of(const Json& line) { return history_.chunks[replay_.ichunk_of(line)]; }

    // Where it names no queue job, no attempt on this chunk was the reason; nor where that had ended before.
    void give_up(const Json& line) {
        ChunkPast& chunk = chunk_of(line);
        chunk.given_up = read_given_up(line);
        const std::optional<JobKey> job = job_of(line);
        if (!job || (!chunk.endings.empty() && chunk.endings.back().job == job)) return;
        AttemptEnding ending{time_of(line), job, chunk.given_up->failure.message, std::nullopt};
        if (const auto& history = chunk.given_up->failure.history; !history.empty())
            ending.attempt = history.back();
        chunk.endings.push_back(std::move(ending));
    }

    JournalReplay replay_;
    JournalHistory history_;
};

}  // namespace

JournalHistory read_journal_history(std::string_view text, std::size_t num_chunks, std::string_view path) {
    History history(num_chunks);
    for_each_line(text, path, [&history](const Json& line) { history.take(line); });
    return history.finish();
}

}  // namespace qmr::detail
