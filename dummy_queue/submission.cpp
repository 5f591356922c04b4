#include "dummy_queue/submission.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dummy_queue/qsub_checks.hpp"

namespace qmr::dummy_queue {
namespace {

std::string good_news(const Job& job, bool terse) {
    auto number = std::to_string(job.JB_job_number);
    if (const auto& array = job.submission.array) {
        number += fmt::format(".{}-{}:{}", array->first, array->last, array->step);
    }
    if (terse) return number + "\n";
    return fmt::format("Your {} {} (\"{:.100}\") has been submitted\n", job.is_array() ? "job-array" : "job",
                       number, job.JB_name());
}

}  // namespace

SubmissionAnswer unable_to_run(const std::string& why, int exit_code) {
    return {"", fmt::format("Unable to run job: {}\nExiting.\n", why), exit_code};
}

std::string too_many_jobs(std::uint64_t max_u_jobs, std::uint64_t num_jobs) {
    return fmt::format("job rejected: only {} jobs are allowed per user (current job count: {})", max_u_jobs,
                       num_jobs);
}

std::uint64_t num_jobs_of(const State& state, const std::string& user) {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(state.jobs, [&](const Job& job) { return job.JB_owner == user; }));
}

SubmissionAnswer submit(State& state, const QsubRequest& request, const std::string& user,
                        const std::string& host, std::int64_t now) {
    if (request.verify_only) return {"verification: found suitable queue(s)\n", "", 0};
    const auto number = state.next_JB_job_number++;
    if (const auto why = what_is_wrong(request, state, host)) return unable_to_run(*why, 1);
    const auto num_jobs = num_jobs_of(state, user);
    if (state.max_u_jobs != 0 && num_jobs >= state.max_u_jobs) {
        return unable_to_run(too_many_jobs(state.max_u_jobs, num_jobs), 25);
    }
    Job job;
    job.JB_job_number = number;
    job.JB_owner = user;
    job.submitted_at = now;
    job.submission = request.submission;
    job.waiting = request.submission.array.value_or(TaskRange{}).tasks();
    state.jobs.push_back(job);
    return {good_news(job, request.terse), "", 0};
}

}  // namespace qmr::dummy_queue
