// How attempts end without a result, and why.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "decisions/job_monitor.hpp"

namespace qmr::detail {

namespace {

// Not of a worker that had a chunk (0, 1, 4, 5), nor of a shell that tells of a signal, nor of one that asks
// Grid Engine to run the queue job again (99) or to hold it back (100): a launcher, a loader, a prolog could
// not go on.
bool is_code_without_results(int exit_code) {
    const bool is_of_worker = exit_code == 0 || exit_code == 1 || exit_code == 4 || exit_code == 5;
    const bool is_request = exit_code == 99 || exit_code == 100;
    return !is_of_worker && !is_request && exit_code > 0 && exit_code < 128;
}

}  // namespace

void JobMonitor::rejected(std::size_t ichunk, const std::string& message) {
    // Nobody knows whose it was.
    chunks_[ichunk].backup.reset();
    end_attempt(ichunk, chunks_[ichunk].job, Cause::corrupt_result, message, true);
}

void JobMonitor::attempt_failed(JobKey by, std::size_t ichunk, Cause cause, const std::string& message,
                                bool may_retry, Seconds now) {
    if (!take_unseen(ichunk, by, now)) return;
    if (options_.is_pulled && !may_retry) {
        refused(by, ichunk, cause, message, now);
        return;
    }
    job(by).is_leaving = true;  // a worker that could not finish a chunk takes no other
    end_attempt(ichunk, by, cause, message, may_retry);
}

void JobMonitor::attempt_killed(JobKey by, std::size_t ichunk, const std::string& message, Seconds now) {
    if (!take_unseen(ichunk, by, now)) return;
    job(by).is_leaving = true;
    std::vector<Kill>& kills = chunks_[ichunk].kills;
    std::erase_if(kills, [by](const Kill& kill) { return kill.job == by; });
    kills.push_back({by, message, now});
}

void JobMonitor::explained(JobKey key, const Explanation& explanation, Seconds now) {
    if (!knows(key)) return;
    job(key).explanation = explanation;
    end_killed_attempts(key, std::nullopt);
    // Nothing is on its way from one that never ran a chunk.
    const bool is_gone = job(key).num_missing_polls > 0;
    if (is_gone && explanation.exit_code && is_code_without_results(*explanation.exit_code))
        end_attempts(key, Cause::vanished, "its queue job left the queue without a result", now);
}

std::vector<std::size_t> JobMonitor::unexplained(Seconds now, std::size_t at_most) {
    std::vector<std::size_t> found;
    for (const JobKey key : live_) {
        Job& missing = job(key);
        const bool is_due = missing.missing_since && missing.next_question && now >= *missing.next_question &&
                            !missing.explanation && is_needed(key) &&
                            (has_open_chunk(key) || !missing.is_excused) &&
                            is_listable(submissions_[key.isubmission]);
        if (!is_due) continue;
        if (found.empty() || found.back() != key.isubmission) {
            if (found.size() == at_most) break;
            found.push_back(key.isubmission);
        }
        missing.next_question = now + missing.question_wait;
        missing.question_wait *= 2;
        // Accounting can be as late as that.
        missing.next_question = std::min(*missing.next_question, next_verdict(key, now));
    }
    return found;
}

// Of one that is missing: until when a chunk waits for it, or for its explanation.
Seconds JobMonitor::next_verdict(JobKey key, Seconds now) const {
    Seconds next = std::max(now, *job(key).missing_since + options_.file_system_latency);
    for (const std::size_t ichunk : job(key).chunks)
        for (const Kill& kill : chunks_[ichunk].kills)
            if (kill.job == key) next = std::min(next, end_of_patience(kill));
    return next;
}

// The batch system can not tell how a queue job ended before it has.
Seconds JobMonitor::end_of_patience(const Kill& kill) const {
    const Seconds missing_since = job(kill.job).missing_since.value_or(kill.at);
    return std::max(kill.at, missing_since) + options_.explanation_patience;
}

// Of those whose worker was killed: with the explanation as soon as there is one, and without it from some
// time on. No time: only with an explanation.
void JobMonitor::end_killed_attempts(JobKey key, std::optional<Seconds> now) {
    const auto& explanation = job(key).explanation;
    for (const std::size_t ichunk : job(key).chunks) {
        const auto& kills = chunks_[ichunk].kills;
        const auto found = std::ranges::find(kills, key, &Kill::job);
        if (!waits_for(ichunk, key) || found == kills.end()) continue;
        const bool is_overdue = now && *now >= end_of_patience(*found);
        if (explanation) {
            // An ordinary end of the worker, which saw the tasks killed and said so itself, explains nothing.
            const bool explains = explanation->cause != Cause::vanished;
            end_attempt(ichunk, key, explains ? explanation->cause : Cause::crash,
                        explains ? fmt::format("{}; {}", explanation->message, found->how) : found->how, true,
                        true);
        } else if (is_overdue) {
            end_attempt(ichunk, key, Cause::crash, found->how, true, true);
        }
    }
}

void JobMonitor::end_attempts(JobKey key, Cause cause, const std::string& message, Seconds now) {
    std::string text = message;
    if (const auto& explanation = job(key).explanation) {
        cause = explanation->cause;
        text += ": " + explanation->message;
    }
    if (is_pulling(job(key)) && !has_open_chunk(key)) end_without_chunk(key, cause, text, now);
    // That the worker was killed, as it told, is more than that it is gone.
    if (cause == Cause::vanished && !job(key).explanation) end_killed_attempts(key, Seconds::max());
    for (const std::size_t ichunk : job(key).chunks)
        if (waits_for(ichunk, key)) end_attempt(ichunk, key, cause, text, true);
    job(key).is_leaving = true;
}

// What is done about it is decided once it is known how far the attempt came.
void JobMonitor::end_attempt(std::size_t ichunk, JobKey key, Cause cause, std::string message, bool may_retry,
                             bool was_killed) {
    Chunk& chunk = chunks_[ichunk];
    if (chunk.state != ChunkState::taken) return;
    std::erase_if(chunk.kills, [key](const Kill& kill) { return kill.job == key; });
    if (goes_on_without(ichunk, key)) {
        decisions_.warnings.push_back(message + "; another queue job works on the same chunk");
        return;
    }
    chunk.had_backup = false;
    chunk.ending = {key, cause, std::move(message), may_retry, was_killed};
    set_state(ichunk, ChunkState::ended);
}

}  // namespace qmr::detail
