#include "pool/attempt_reports.hpp"

#include <algorithm>
#include <utility>

#include "adapters/attempt_record.hpp"
#include "adapters/outcomes.hpp"
#include "vocabulary/atomic_file.hpp"
#include "vocabulary/file_times.hpp"

namespace qmr::detail {

namespace {

std::optional<Time> before(std::optional<Time> end, double seconds) {
    if (!end || seconds <= 0) return std::nullopt;
    return *end - std::chrono::duration_cast<Time::duration>(Seconds{seconds});
}

std::filesystem::path path_if(bool is_there, const fs::path& path) {
    return is_there ? std::filesystem::path(path.native()) : std::filesystem::path();
}

std::optional<ExitRecord> read_exit_record(const fs::path& path) {
    try {
        return ExitRecord::from_json(read_file(path));
    } catch (const std::exception&) {
        return std::nullopt;  // it ended, and that is all that is known
    }
}

class Reports {
  public:
    Reports(const MapView& view, std::size_t ichunk, bool is_settled)
        : view_(view), ichunk_(ichunk), is_settled_(is_settled) {}

    // The pool names its streams, perhaps in a moment.
    void add_committed(const AttemptInfo& info, const AttemptFiles& own) {
        const ChunkFiles& files = view_.files_of(ichunk_);
        const WorkDir& work_dir = view_.work_dir;
        AttemptReport& report = add(info.attempt.job, AttemptReport::State::committed);
        report.host = info.host;
        report.seconds = info.seconds;
        report.peak_memory = info.peak_memory;
        report.end = time_of_change(work_dir.results(ichunk_));
        report.begin = before(report.end, info.seconds);
        report.num_outcomes = view_.header_of(ichunk_).num_tasks;
        report.stdout_file = own.has_stdout ? path_if(true, work_dir.stdout_of(ichunk_, info.attempt))
                                            : path_if(files.has_stdout, work_dir.stdout_of(ichunk_));
        report.stderr_file = own.has_stderr ? path_if(true, work_dir.stderr_of(ichunk_, info.attempt))
                                            : path_if(files.has_stderr, work_dir.stderr_of(ichunk_));
    }

    void add(const AttemptFiles& files) {
        const WorkDir& work_dir = view_.work_dir;
        const Attempt& attempt = files.attempt;
        const bool runs = !is_settled_ && view_.may_run(ichunk_, files);
        AttemptReport& report =
            add(attempt.job, runs ? AttemptReport::State::running : AttemptReport::State::lost);
        report.stdout_file = path_if(files.has_stdout, work_dir.stdout_of(ichunk_, attempt));
        report.stderr_file = path_if(files.has_stderr, work_dir.stderr_of(ichunk_, attempt));
        const fs::path part = work_dir.part(ichunk_, attempt);
        if (files.has_part) {
            report.num_outcomes = read_outcomes(part.native(), view_.header_of(ichunk_)).num_outcomes;
            report.begin = time_of_birth(part);
            if (!runs) report.end = time_of_change(part);
        }
        if (files.has_exit_record) add_end(report, work_dir.exit_record(ichunk_, attempt));
    }

    // What the process node found out is more than what the worker itself knew.
    void add(const AttemptEnding& ending) {
        auto known = std::ranges::find_if(all_, [&](const Known& one) {
            return !one.is_in_journal && one.job == ending.job &&
                   one.report.state != AttemptReport::State::committed;
        });
        if (known == all_.end()) {
            add(ending.job, AttemptReport::State::failed);
            known = std::prev(all_.end());
        }
        known->is_in_journal = true;
        AttemptReport& report = known->report;
        report.state = AttemptReport::State::failed;
        report.message = ending.said;
        if (!report.end) report.end = ending.seen_at;
        if (!ending.attempt) return;
        report.cause = ending.attempt->cause;
        if (!ending.attempt->host.empty()) report.host = ending.attempt->host;
        if (ending.attempt->seconds > 0) report.seconds = ending.attempt->seconds;
        report.peak_memory = std::max(report.peak_memory, ending.attempt->peak_memory);
    }

    [[nodiscard]] std::vector<AttemptReport> in_order() && {
        std::ranges::stable_sort(all_, {},
                                 [](const Known& one) { return one.report.end.value_or(Time::max()); });
        std::vector<AttemptReport> reports;
        for (Known& one : all_) reports.push_back(std::move(one.report));
        return reports;
    }

  private:
    struct Known {
        std::optional<JobKey> job;
        AttemptReport report;
        bool is_in_journal = false;
    };

    AttemptReport& add(const std::optional<JobKey>& job, AttemptReport::State state) {
        QueueJobName name = job ? name_of(view_, *job) : QueueJobName();
        all_.push_back({job, {}});
        AttemptReport& report = all_.back().report;
        report.state = state;
        report.JB_job_number = std::move(name.JB_job_number);
        report.array_index = name.array_index;
        return report;
    }

    static void add_end(AttemptReport& report, const fs::path& path) {
        report.state = AttemptReport::State::failed;
        report.end = time_of_change(path);
        const auto record = read_exit_record(path);
        if (!record) return;
        report.cause = record->cause;
        report.message = record->message;
        report.host = record->host;
        report.seconds = record->seconds;
        report.peak_memory = record->peak_memory;
        report.begin = before(report.end, record->seconds);
    }

    const MapView& view_;
    std::size_t ichunk_;
    bool is_settled_;
    std::vector<Known> all_;
};

}  // namespace

QueueJobName name_of(const MapView& view, JobKey job) {
    const auto found = view.history.journal.submissions.find(job.isubmission);
    if (view.is_local() || found == view.history.journal.submissions.end()) return {};
    const bool is_one_of_several = found->second.num_jobs > 1;
    return {found->second.JB_job_number, is_one_of_several ? std::optional(job.index) : std::nullopt};
}

std::vector<AttemptReport> report_attempts(const MapView& view, std::size_t ichunk, ChunkState state,
                                           const std::optional<AttemptInfo>& committed) {
    const bool is_settled = state == ChunkState::committed || state == ChunkState::given_up;
    Reports reports(view, ichunk, is_settled);
    AttemptFiles of_committed;
    for (const AttemptFiles& files : view.files_of(ichunk).attempts) {
        if (committed && files.attempt == committed->attempt)
            of_committed = files;
        else
            reports.add(files);
    }
    if (committed) reports.add_committed(*committed, of_committed);
    for (const AttemptEnding& ending : view.past_of(ichunk).endings) reports.add(ending);
    return std::move(reports).in_order();
}

}  // namespace qmr::detail
