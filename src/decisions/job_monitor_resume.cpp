// A map that another process began: its queue jobs are adopted.

#include <algorithm>

#include "decisions/job_monitor.hpp"

namespace qmr::detail {

void JobMonitor::adopt(const std::vector<AdoptedSubmission>& past, Seconds now, std::size_t num_submissions) {
    // Those that got lost belong to nobody, and no other gets their numbers.
    submissions_.resize(std::max(num_submissions, past.empty() ? 0 : past.back().isubmission + 1));
    for (Submission& submission : submissions_) submission.state = SubmissionState::lost;
    for (const AdoptedSubmission& adopted : past) {
        Submission& submission = submissions_[adopted.isubmission];
        submission.JB_job_number = adopted.JB_job_number;
        submission.state =
            adopted.is_over || adopted.is_accepted ? SubmissionState::accepted : SubmissionState::unclear;
        submission.num_polls_before = num_polls_;
        submission.since = now;
        submission.is_only = adopted.is_only;
        for (const std::vector<std::size_t>& chunks : adopted.jobs) {
            submission.jobs.emplace_back();
            const JobKey key{adopted.isubmission, submission.jobs.size()};
            submission.jobs.back().is_live = !adopted.is_over;
            submission.jobs.back().is_adopted = true;
            const bool is_deleted = adopted.deleted.contains(key.index);
            submission.jobs.back().is_leaving = adopted.is_only || is_deleted;
            if (!adopted.is_over) live_.push_back(key);
            if (is_deleted || (options_.is_pulled && !adopted.is_only)) continue;
            for (const std::size_t ichunk : chunks) {
                const Chunk& chunk = chunks_[ichunk];
                const bool is_backup = chunk.state == ChunkState::taken && job(chunk.job).is_live;
                is_backup && !adopted.is_over ? back_up(ichunk, key) : take(ichunk, key, now);
                chunks_[ichunk].demand = {std::max(adopted.demand.memory, options_.demand.first.memory),
                                          std::max(adopted.demand.walltime, options_.demand.first.walltime)};
                if (adopted.is_over)
                    set_state(ichunk, options_.is_pulled ? ChunkState::reserved : ChunkState::left);
            }
        }
    }
}

void JobMonitor::was_freed(std::size_t ichunk, JobKey key) {
    if (is_freed_of(ichunk, key)) return;
    chunks_[ichunk].freed_of.push_back(key);
    ++chunks_[ichunk].num_attempts;
}

void JobMonitor::was_done(std::size_t ichunk, std::size_t num_records) {
    chunks_[ichunk].num_done = num_records;
}

}  // namespace qmr::detail
