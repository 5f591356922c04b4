#pragma once
// States for tests that need neither files nor processes.

#include <vector>

#include "dummy_queue/step.hpp"

namespace qmr::dummy_queue::test {

inline Job make_job(std::uint64_t number, const std::string& name, std::uint64_t array_size = 0) {
    Job job;
    job.JB_job_number = number;
    job.JB_owner = "griduser";
    job.submission.JB_name = name;
    job.submission.command = {"/bin/true"};
    job.submission.is_binary = true;
    if (array_size > 0) job.submission.array = TaskRange{1, array_size, 1};
    job.waiting = job.submission.array.value_or(TaskRange{}).tasks();
    return job;
}

/// Each task works on the chunk that is 100 higher.
inline WorkOfJob chunk_is_task_plus_100(const Submission&, std::uint64_t task) {
    return {{task + 100}};
}

inline Fault fault_of_chunk(FaultKind kind, std::uint64_t ichunk,
                            std::optional<std::uint64_t> max_num_fails = {}) {
    Fault fault;
    fault.kind = kind;
    fault.ichunk = ichunk;
    fault.max_num_fails = max_num_fails;
    return fault;
}

inline Fault fault_of_program(FaultKind kind, std::optional<std::uint64_t> max_num_fails = {}) {
    Fault fault;
    fault.kind = kind;
    fault.max_num_fails = max_num_fails;
    return fault;
}

}  // namespace qmr::dummy_queue::test
