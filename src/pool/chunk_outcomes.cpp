#include "pool/chunk_outcomes.hpp"

#include <algorithm>
#include <boost/filesystem/operations.hpp>

#include "adapters/chunk_head.hpp"
#include "pool/map_loop.hpp"
#include "pool/reduce.hpp"
#include "qmr/error.hpp"

namespace qmr::detail {

namespace {

// Its outcome is not in any part until an attempt has begun behind it.
void add_blamed(const MapView& view, std::size_t ichunk, ChunkOutcomes& best) {
    std::optional<ChunkHead> head;
    try {
        head = ChunkHead::read(view.work_dir, ichunk);
    } catch (const Error&) {
        return;
    }
    Outcomes& outcomes = best.outcomes;
    if (!head || !head->failed || head->num_records != outcomes.num_outcomes ||
        outcomes.num_outcomes >= view.header_of(ichunk).num_tasks)
        return;
    outcomes.failures.push_back({outcomes.num_outcomes++, std::move(*head->failed)});
}

std::string end_of_stderr(const MapView& view, std::size_t ichunk, const Outcomes& outcomes) {
    const WorkDir& work_dir = view.work_dir;
    std::string said = end_of_file(work_dir.stderr_of(ichunk), max_stderr_kept);
    // The process node may not have come to name it.
    if (said.empty() && outcomes.info)
        said = end_of_file(work_dir.stderr_of(ichunk, outcomes.info->attempt), max_stderr_kept);
    return said;
}

}  // namespace

ChunkState state_of(const MapView& view, std::size_t ichunk) {
    const ChunkFiles& files = view.files_of(ichunk);
    if (files.has_results) return ChunkState::committed;
    if (view.past_of(ichunk).given_up) return ChunkState::given_up;
    const bool runs = std::ranges::any_of(
        files.attempts, [&](const AttemptFiles& attempt) { return view.may_run(ichunk, attempt); });
    return runs ? ChunkState::running : ChunkState::waiting;
}

ChunkOutcomes read_chunk_outcomes(const MapView& view, std::size_t ichunk, ChunkState state) {
    const FileHeader header = view.header_of(ichunk);
    const std::string results = view.work_dir.results(ichunk).native();
    if (state == ChunkState::committed) return {results, read_outcomes(results, header)};
    ChunkOutcomes best;
    bool has_moved = false;
    for (const AttemptFiles& attempt : view.files_of(ichunk).attempts) {
        if (!attempt.has_part) continue;
        const std::string part = view.work_dir.part(ichunk, attempt.attempt).native();
        Outcomes outcomes = read_outcomes(part, header);
        has_moved = has_moved || (outcomes.num_outcomes == 0 && !fs::exists(part));
        if (outcomes.num_outcomes > best.outcomes.num_outcomes) best = {part, std::move(outcomes)};
    }
    // It has been committed since it was listed.
    if (has_moved)
        if (Outcomes outcomes = read_outcomes(results, header);
            outcomes.num_outcomes > best.outcomes.num_outcomes)
            return {results, std::move(outcomes)};
    add_blamed(view, ichunk, best);
    return best;
}

TaskCounts count_tasks(const MapView& view, std::size_t ichunk, ChunkState state) {
    const std::size_t num_tasks = view.manifest->tasks_of(ichunk).size;
    const ChunkPast& past = view.past_of(ichunk);
    if (state == ChunkState::given_up) return {num_tasks, std::min(past.given_up->num_failed, num_tasks)};
    if (state == ChunkState::committed && past.num_failed)
        return {num_tasks, std::min(*past.num_failed, num_tasks)};
    const ChunkOutcomes known = read_chunk_outcomes(view, ichunk, state);
    return {state == ChunkState::committed ? num_tasks : known.outcomes.num_outcomes,
            known.outcomes.failures.size()};
}

std::vector<TaskFailure> failures_of(const MapView& view, std::size_t ichunk, ChunkState state,
                                     Outcomes outcomes, std::size_t num_before) {
    const ChunkPast& past = view.past_of(ichunk);
    const TaskSpan tasks = view.manifest->tasks_of(ichunk);
    const std::size_t num_attempts = past.num_attempts > 0 ? past.num_attempts : past.endings.size() + 1;
    const std::string said = state == ChunkState::committed && !outcomes.failures.empty()
                                 ? end_of_stderr(view, ichunk, outcomes)
                                 : std::string();
    std::vector<TaskFailure> failures;
    for (Outcomes::Failed& failed : outcomes.failures) {
        TaskFailure failure = to_failure(tasks.first + failed.place, std::move(failed.record));
        failure.num_attempts = static_cast<int>(num_attempts);
        if (failure.host.empty() && outcomes.info) failure.host = outcomes.info->host;
        if (failure.end_of_stderr.empty()) failure.end_of_stderr = said;
        failures.push_back(std::move(failure));
    }
    if (state == ChunkState::given_up)
        add_failures(failures, past.given_up->failure,
                     {tasks.first + outcomes.num_outcomes, tasks.size - outcomes.num_outcomes}, num_before);
    return failures;
}

}  // namespace qmr::detail
