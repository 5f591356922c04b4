#pragma once
// What a request of qsub does to a state, and what qsub answers.

#include <string>

#include "dummy_queue/qsub_arguments.hpp"
#include "dummy_queue/state.hpp"

namespace qmr::dummy_queue {

struct SubmissionAnswer {
    std::string out;
    std::string err;
    int exit_code = 0;
};

/// Appends to the queue, or says why not. Refused ones use up a JB_job_number, too.
[[nodiscard]] SubmissionAnswer submit(State&, const QsubRequest&, const std::string& user,
                                      const std::string& host, std::int64_t now);

/// A refusal of the qmaster, as qsub prints it.
[[nodiscard]] SubmissionAnswer unable_to_run(const std::string& why, int exit_code);

/// The qmaster's words when a user has too many jobs, which qsub passes on with exit code 25.
[[nodiscard]] std::string too_many_jobs(std::uint64_t max_u_jobs, std::uint64_t num_jobs);
[[nodiscard]] std::uint64_t num_jobs_of(const State&, const std::string& user);

}  // namespace qmr::dummy_queue
