#include "pool/attempts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "adapters/part_file.hpp"

namespace qmr::detail {

Attempts::Attempts(WorkDir work_dir, std::uint64_t session,
                   std::function<TaskSpan(std::size_t ichunk)> tasks_of, std::size_t num_slots)
    : work_dir_(std::move(work_dir)),
      session_(session),
      tasks_of_(std::move(tasks_of)),
      num_slots_(num_slots) {}

const ExitRecord* Attempts::exit_record(std::size_t ichunk, JobKey job) const {
    const auto found = exit_records_.find({ichunk, job});
    return found == exit_records_.end() ? nullptr : &found->second;
}

Achieved Attempts::measure(const Measure& ended) {
    const BestPart best = best_parts_[ended.ichunk] = find_best_part(ended.ichunk);
    Achieved achieved;
    achieved.num_records = best.num_outcomes;
    achieved.num_tasks = tasks_of_(ended.ichunk).size;
    for (const Attempt& attempt : parts_[ended.ichunk])
        if (attempt.job == ended.job) {
            achieved.has_begun = true;
            achieved.is_exact = false;  // unless its worker tells
            achieved.num_outcomes = std::max<std::size_t>(
                achieved.num_outcomes, num_outcomes(ended.ichunk, attempt, PartReader::Which::all));
        }
    FailedAttempt failed{ended.cause, ended.message, {}, 0, 0, 0, 0};
    if (const auto report = reports_.find(ended.job); report != reports_.end()) {
        failed.host = report->second.host;
        failed.exit_code = report->second.exit_code.value_or(0);
        failed.seconds = report->second.seconds;
        failed.peak_memory = report->second.peak_memory;
    }
    if (const ExitRecord* record = exit_record(ended.ichunk, ended.job)) {
        achieved.has_begun = true;
        achieved.is_exact = record->num_uncounted == 0;
        achieved.is_by_setup = record->is_by_setup;
        failed.host = record->host;
        failed.signal = record->signal;
        failed.seconds = record->seconds;
        failed.peak_memory = std::max(failed.peak_memory, record->peak_memory);
    }
    achieved.host = failed.host;
    achieved.seconds = failed.seconds;
    achieved.peak_memory = failed.peak_memory / num_slots_;
    // The attempts before this one came to an end with a task that is done by now.
    std::vector<FailedAttempt>& history = histories_[ended.ichunk];
    if (best.num_outcomes > num_in_head(ended.ichunk)) history.clear();
    history.push_back(std::move(failed));
    return achieved;
}

Attempts::Past Attempts::restore(std::size_t ichunk) {
    const BestPart best = best_parts_[ichunk] = find_best_part(ichunk);
    heads_.erase(ichunk);
    try {
        if (auto head = ChunkHead::read(work_dir_, ichunk)) heads_[ichunk] = std::move(*head);
    } catch (const Error&) {
        return {best.num_outcomes, true};
    }
    // A task that is to blame has no outcome in any part until an attempt has begun behind it.
    const auto head = heads_.find(ichunk);
    if (head != heads_.end() && head->second.num_records == best.num_outcomes)
        return {num_in_head(ichunk), false};
    return {best.num_outcomes, best.num_outcomes != num_in_head(ichunk)};
}

Attempts::BestPart Attempts::find_best_part(std::size_t ichunk) const {
    BestPart best;
    const auto parts = parts_.find(ichunk);
    if (parts == parts_.end()) return best;
    for (const Attempt& attempt : parts->second) {
        const std::size_t number = num_outcomes(ichunk, attempt, PartReader::Which::those_that_count);
        if (number > best.num_outcomes) best = {work_dir_.part(ichunk, attempt).filename().native(), number};
    }
    return best;
}

std::size_t Attempts::num_outcomes(std::size_t ichunk, const Attempt& attempt,
                                   PartReader::Which which) const {
    const TaskSpan tasks = tasks_of_(ichunk);
    return num_valid_records(work_dir_.part(ichunk, attempt).native(),
                             {FileKind::results, session_, ichunk, tasks.first, tasks.size}, which);
}

std::size_t Attempts::num_in_head(std::size_t ichunk) const {
    const auto head = heads_.find(ichunk);
    return head == heads_.end() ? 0 : head->second.num_records + (head->second.failed ? 1U : 0U);
}

const ChunkHead& Attempts::make_head(const NewHead& order, std::string end_of_stderr) {
    ChunkHead head;
    if (order.num_records > 0) head.part = best_parts_.at(order.ichunk).name;
    head.num_records = order.num_records;
    head.alone = order.alone;
    if (order.failed) {
        std::vector<FailedAttempt> history = std::exchange(histories_[order.ichunk], {});
        std::string message = order.failed->message;
        if (history.size() > 1) message += fmt::format(", in the last of {} attempts", history.size());
        head.failed = FailureRecord{order.failed->cause, std::move(message), std::move(end_of_stderr),
                                    std::move(history)};
    }
    return heads_[order.ichunk] = std::move(head);
}

PartOutcome Attempts::salvage(std::size_t ichunk, const LoadResult& load) const {
    const TaskSpan tasks = tasks_of_(ichunk);
    PartOutcome outcome;
    if (const BestPart best = find_best_part(ichunk); best.num_outcomes > 0)
        outcome = read_part(work_dir_.path() / best.name, session_, ichunk, tasks, load);
    const auto head = heads_.find(ichunk);
    if (head == heads_.end() || !head->second.failed) return outcome;
    // Perhaps no attempt came to write down the task that is to blame.
    if (head->second.num_records != outcome.num_outcomes || outcome.num_outcomes == tasks.size)
        return outcome;
    outcome.failures.push_back(to_failure(tasks.first + outcome.num_outcomes, *head->second.failed));
    ++outcome.num_outcomes;
    return outcome;
}

void Attempts::forget(std::size_t ichunk) {
    best_parts_.erase(ichunk);
    heads_.erase(ichunk);
    histories_.erase(ichunk);
}

}  // namespace qmr::detail
