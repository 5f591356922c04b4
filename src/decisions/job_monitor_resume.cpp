// A map that another process began: its queue jobs are adopted.

#include <algorithm>

#include "decisions/job_monitor.hpp"

namespace qmr::detail {

void JobMonitor::adopt(const std::vector<AdoptedSubmission>& past, Seconds now) {
    for (const AdoptedSubmission& adopted : past) {
        // Numbers that were never used belong to nobody.
        while (submissions_.size() <= adopted.isubmission)
            submissions_.emplace_back().state = SubmissionState::lost;
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
            submission.jobs.back().is_leaving = adopted.is_only;
            if (!adopted.is_over) live_.push_back(key);
            if (options_.is_pulled && !adopted.is_only) continue;
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
    chunks_[ichunk].freed_of.push_back(key);
    ++chunks_[ichunk].num_attempts;
}

void JobMonitor::was_done(std::size_t ichunk, std::size_t num_records) {
    chunks_[ichunk].num_done = num_records;
}

}  // namespace qmr::detail
