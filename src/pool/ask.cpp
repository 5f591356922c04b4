// What the batch system is asked about queue jobs of ours, and only when nothing else tells.

#include <fmt/format.h>

#include <map>
#include <utility>

#include "adapters/interrupts.hpp"
#include "adapters/subprocess.hpp"
#include "decisions/reports_of_submission.hpp"
#include "pool/map_loop.hpp"

namespace qmr::detail {

// On stderr, once for each kind; all of them are in the log.
void MapLoop::tell_resubmissions(const std::vector<Note>& notes) {
    std::map<std::string, std::pair<std::string, std::size_t>> kinds;
    for (const Note& note : notes) {
        std::string kind = (note.ichunk ? "chunk: " : "queue job: ") + note.text;
        std::erase_if(kind, [](char c) { return c >= '0' && c <= '9'; });
        auto& [text, count] = kinds.try_emplace(kind, note.text, 0).first->second;
        ++count;
    }
    for (const auto& [kind, told] : kinds)
        if (resubmissions_told_.insert(kind).second)
            progress_.say(fmt::format("{} {}{}: {}", told.second, kind.substr(0, kind.find(':')),
                                      told.second == 1 ? "" : "s", told.first));
}

// Before a queue job in error state is deleted, since nobody knows its reason afterwards.
void MapLoop::add_reasons(std::vector<SeenJob>& listing) {
    std::map<std::string, ReportsOfSubmission> reports;
    for (SeenJob& seen : listing) {
        if (seen.state != JobState::error || !monitor_.is_needed(seen.key)) continue;
        auto of_submission = reports.find(seen.JB_job_number);
        if (of_submission == reports.end()) {
            if (reports.size() == max_num_questions) return;
            ReportsOfSubmission asked(queue_.reasons(seen.JB_job_number), JB_name_of(seen.key.isubmission));
            of_submission = reports.emplace(seen.JB_job_number, std::move(asked)).first;
        }
        const JobReport* report = of_submission->second.find(seen.key.index);
        if (report != nullptr) seen.reason = report->message;
    }
}

void MapLoop::ask_about_missing(Seconds seen_at) {
    for (const std::size_t isubmission : monitor_.unexplained(seen_at, question_pace_.num_questions(now()))) {
        if (question_pace_.num_questions(now()) == 0 || Interrupts::received() != 0) return;
        ask_about_end(isubmission);
    }
}

void MapLoop::ask_about_end(std::size_t isubmission) {
    const Seconds begin = now();
    AnswerOfQueue answer = queue_.ends(monitor_.JB_job_number(isubmission), question_pace_.time_limit());
    question_pace_.asked(begin, now(), answer.has_timed_out);
    if (!answer.complaint.empty() && !std::exchange(is_silence_told_, true)) {
        const std::string text = fmt::format(
            "it cannot be asked now how queue jobs ended, and kills for memory and walltime are not "
            "recognised "
            "as such: {}",
            answer.complaint);
        log_.write({{"level", "warning"}, {"message", text}});
        progress_.say(text);
    }
    const ReportsOfSubmission reports(std::move(answer.reports), JB_name_of(isubmission));
    for (std::uint64_t index = 1; index <= monitor_.num_jobs(isubmission); ++index) {
        const JobReport* report = reports.find(index);
        if (report == nullptr || !monitor_.is_needed({isubmission, index})) continue;
        attempts_.accounted({isubmission, index}, *report);
        monitor_.explained({isubmission, index}, explain({isubmission, index}, *report), now());
    }
}

Explanation MapLoop::explain(JobKey job, const JobReport& report) const {
    Explanation explanation{report.cause, report.message, report.exit_code};
    if (report.cause != Cause::vanished) return explanation;
    const std::string output = output_of(job);
    if (const auto printed = queue_.read_output(output))
        return {printed->cause, printed->message, report.exit_code};
    if (!output.empty()) explanation.message += ": " + last_line(output);
    return explanation;
}

void MapLoop::tell_why_pending() {
    if (!queue_.is_polled()) return;
    const Counts counts = monitor_.counts();
    const bool waits = counts.pending + counts.held > 0 && counts.running + counts.suspended == 0;
    if (!pending_watch_.is_due(waits, now())) return;
    for (const JobKey key : monitor_.live_jobs()) {
        if (!monitor_.is_needed(key)) continue;
        const std::string& JB_job_number = monitor_.JB_job_number(key.isubmission);
        const ReportsOfSubmission reports(queue_.reasons(JB_job_number), JB_name_of(key.isubmission));
        const JobReport* report = reports.find(key.index);
        std::string text = fmt::format("no queue job runs, {} wait", counts.pending);
        if (counts.held > 0) text += fmt::format(" and {} are held", counts.held);
        if (report != nullptr)
            text +=
                fmt::format("; of queue job {} the batch system says: {}", JB_job_number, report->message);
        log_.write({{"level", "warning"}, {"message", text}});
        progress_.say(text);
        return;
    }
}

}  // namespace qmr::detail
