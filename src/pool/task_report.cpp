#include <fmt/format.h>

#include <algorithm>

#include "ground/only_errors.hpp"
#include "pool/attempt_reports.hpp"
#include "pool/chunk_outcomes.hpp"
#include "pool/what_next.hpp"
#include "qmr/error.hpp"
#include "qmr/map_status.hpp"

namespace qmr {

namespace {

using namespace detail;

void require_task(const MapView& view, std::size_t itask) {
    const std::string& path = view.work_dir.path().native();
    if (!view.manifest)
        throw BadInput(fmt::format("the map in {} is not prepared yet: nothing is known of its tasks", path));
    if (itask >= view.manifest->num_tasks)
        throw BadInput(fmt::format("the map in {} has no task {}: its tasks are 0 to {}", path, itask,
                                   view.manifest->num_tasks - 1));
}

TaskState to_state(const TaskReport& report) {
    if (report.failure) return TaskState::failed;
    const std::size_t place = report.itask - report.first_itask;
    if (place < report.num_outcomes) return TaskState::done;
    const bool is_next = report.chunk_state == ChunkState::running && place == report.num_outcomes;
    return is_next ? TaskState::running : TaskState::waiting;
}

std::vector<JobLine> read_lines(const WorkDir& work_dir, std::size_t isubmission) {
    try {
        return read_jobs(work_dir, isubmission);
    } catch (const Error&) {
        return {};  // nobody is told less by it than that
    }
}

// The queue job that is for this chunk; empty: that can not be known, or there is none.
std::string waits_for(const MapView& view, std::size_t ichunk) {
    const Journal& journal = view.history.journal;
    const auto first = journal.first_isubmission.find(ichunk);
    const std::size_t first_isubmission = first == journal.first_isubmission.end() ? 0 : first->second;
    for (auto past = journal.submissions.rbegin();
         past != journal.submissions.rend() && past->first >= first_isubmission; ++past) {
        if (past->second.state != JournalSubmission::State::accepted) continue;
        const std::vector<JobLine> lines = read_lines(view.work_dir, past->first);
        const auto line = std::ranges::find_if(lines, [&](const JobLine& one) {
            return (one.is_only || !view.manifest->is_pulled) &&
                   std::ranges::find(one.chunks, ichunk) != one.chunks.end();
        });
        const auto index = static_cast<std::uint64_t>(line - lines.begin()) + 1;
        if (line == lines.end() || past->second.deleted.contains(index)) continue;
        const QueueJobName name = name_of(view, {past->first, index});
        return name.array_index ? fmt::format("{}.{}", name.JB_job_number, *name.array_index)
                                : name.JB_job_number;
    }
    return {};
}

TaskOutlook look_ahead(const MapView& view, const TaskReport& report, const Outcomes& outcomes) {
    TaskOutlook outlook;
    outlook.task = report.state;
    outlook.chunk = report.chunk_state;
    if (report.failure) outlook.cause = report.failure->cause;
    const std::size_t place = report.itask - report.first_itask;
    outlook.is_outcome = place < outcomes.num_outcomes;
    outlook.num_before = place - std::min(place, report.num_outcomes);
    outlook.is_worked_on = view.is_worked_on();
    outlook.is_local = view.is_local();
    outlook.is_pulled = view.manifest->is_pulled;
    outlook.work_dir = view.work_dir.path().native();
    outlook.how_to_go_on = how_to_go_on(*view.manifest, view.work_dir);
    if (report.chunk_state == ChunkState::waiting && !outlook.is_local)
        outlook.queue_job = waits_for(view, report.ichunk);
    return outlook;
}

}  // namespace

TaskReport read_task_report(const std::filesystem::path& work_dir, std::size_t itask) try {
    const MapView view = look_at_map(work_dir);
    require_task(view, itask);
    TaskReport report;
    report.itask = itask;
    report.ichunk = view.manifest->ichunk_of(itask);
    const TaskSpan tasks = view.manifest->tasks_of(report.ichunk);
    const FileHeader header = view.header_of(report.ichunk);
    const std::size_t place = itask - tasks.first;
    report.first_itask = tasks.first;
    report.num_tasks = tasks.size;
    report.chunk_state = state_of(view, report.ichunk);

    const ChunkOutcomes known = read_chunk_outcomes(view, report.ichunk, report.chunk_state);
    report.num_outcomes = known.outcomes.num_outcomes;
    for (TaskFailure& failure : failures_of(view, report.ichunk, report.chunk_state, known.outcomes))
        if (failure.itask == itask) report.failure = std::move(failure);
    report.state = to_state(report);
    report.attempts = report_attempts(view, report.ichunk, report.chunk_state, known.outcomes.info);

    report.task = read_task(view.work_dir.chunk(report.ichunk).native(), header, place).value_or("");
    if (report.state == TaskState::done) report.value = read_value(known.file, header, place);
    report.next = what_next(look_ahead(view, report, known.outcomes));
    return report;
} catch (...) {
    rethrow_as_error();
}

}  // namespace qmr
