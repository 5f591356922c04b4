#pragma once

#include <map>
#include <string>
#include <vector>

#include "decisions/job_monitor.hpp"

namespace qmr::detail {

inline constexpr JobKey first_job{0, 1};
inline constexpr JobKey second_job{0, 2};
inline constexpr Seconds latency{60};  ///< of the file system, as far as a test says nothing else

/// A JobMonitor with a clock that the test winds, and the usual steps of a history in one call each.
struct DrivenMonitor {
    explicit DrivenMonitor(MonitorOptions options) : monitor(options) {}

    static MonitorOptions array_of(std::size_t num_chunks) {
        MonitorOptions options;
        options.num_chunks = num_chunks;
        options.max_jobs_per_submission = 1000;
        options.file_system_latency = latency;
        return options;
    }

    /// Queue jobs that take chunks by themselves.
    static MonitorOptions pulled(std::size_t num_chunks, std::size_t max_num_jobs) {
        MonitorOptions options = array_of(num_chunks);
        options.is_pulled = true;
        options.max_num_jobs = max_num_jobs;
        return options;
    }

    /// The same without patience: so many rounds of queue jobs may end without a chunk, and each chunk has
    /// one try.
    static MonitorOptions pulled_impatiently(std::size_t num_chunks, std::size_t max_num_jobs,
                                             std::size_t max_num_idle_jobs) {
        MonitorOptions options = pulled(num_chunks, max_num_jobs);
        options.max_num_idle_jobs = max_num_idle_jobs;
        options.max_num_resubmissions = 0;
        return options;
    }

    /// Attempts that ended came as far as `achieved` says, else they had not begun.
    Decisions decide() {
        Decisions decisions = monitor.decide(now);
        while (!decisions.measure.empty()) {
            for (const Measure& attempt : decisions.measure)
                monitor.measured(attempt.ichunk, achieved[attempt.ichunk], now);
            decisions = monitor.decide(now);
        }
        return decisions;
    }

    /// Decides, and accepts all submissions under the numbers 100, 101, ...
    Decisions decide_and_accept() {
        Decisions decisions = decide();
        for (const Submit& submit : decisions.submit)
            monitor.submit_accepted(submit.isubmission, number(submit.isubmission), now);
        return decisions;
    }

    void explain(JobKey job, Cause cause, const std::string& message) {
        monitor.explained(job, {cause, message}, now);
    }

    Decisions poll(const std::vector<SeenJob>& listing, Seconds later = Seconds{1}) {
        now += later;
        monitor.polled(listing, now);
        return decide_and_accept();
    }

    static std::string number(std::size_t isubmission) { return std::to_string(100 + isubmission); }

    static SeenJob seen(JobKey key, JobState state) { return {key, number(key.isubmission), state}; }

    static SeenJob runs(JobKey key) { return seen(key, JobState::running); }
    static SeenJob waits(JobKey key) { return seen(key, JobState::pending); }

    JobMonitor monitor;
    Seconds now{1000};
    std::map<std::size_t, Achieved> achieved;  ///< by ichunk
};

}  // namespace qmr::detail
