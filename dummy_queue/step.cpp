#include "dummy_queue/step.hpp"

#include <algorithm>

namespace qmr::dummy_queue {
namespace {

struct Place {
    Job* job = nullptr;
    std::uint64_t task = 1;
    bool restarted = false;
};

std::uint64_t num_running(const State& state) {
    std::uint64_t num = 0;
    for (const auto& job : state.jobs) num += job.running.size();
    return num;
}

bool may_start(const Job& job) {
    const auto limit = job.submission.max_num_running;
    return !job.submission.held && (limit == 0 || job.running.size() + job.in_error.size() < limit);
}

/// Tasks that run again come after all that did not run yet.
std::optional<Place> first_waiting(State& state) {
    for (auto& job : state.jobs) {
        if (may_start(job) && !job.waiting.empty()) return Place{&job, *job.waiting.begin(), false};
    }
    for (auto& job : state.jobs) {
        if (may_start(job) && !job.requeued.empty()) return Place{&job, *job.requeued.begin(), true};
    }
    return std::nullopt;
}

void start(State& state, const Place& place, std::int64_t now, const ChunksOfJob& chunks_of) {
    auto& job = *place.job;
    (place.restarted ? job.requeued : job.waiting).erase(place.task);
    const auto target = fault_target(state, job, place.task, chunks_of);
    if (const auto evil = find_fault(state.faults, FaultKind::evil, target)) {
        ++state.faults[*evil].num_fails;
        job.put_in_error(place.task, now, "the state file says so");
        return;
    }
    const auto vanishes = find_fault(state.faults, [&](const Fault& fault) {
        return fault.kind == FaultKind::vanishes && fault.while_state == "pending" &&
               is_aimed_at(fault, target);
    });
    if (vanishes) {
        ++state.faults[*vanishes].num_fails;
        return;
    }
    job.running.push_back({place.task, ++state.num_starts, now, place.restarted, false, 0});
}

struct RunningPlace {
    Job* job = nullptr;
    std::size_t irunning = 0;
};

std::optional<RunningPlace> oldest_that_nobody_runs(State& state) {
    std::optional<RunningPlace> oldest;
    for (auto& job : state.jobs) {
        for (std::size_t i = 0; i < job.running.size(); ++i) {
            const auto& running = job.running[i];
            if (running.shepherd != 0) continue;
            if (!oldest || running.istart < oldest->job->running[oldest->irunning].istart) oldest = {&job, i};
        }
    }
    return oldest;
}

KillPlan plan_of(const State& state, std::size_t ifault) {
    const auto& fault = state.faults[ifault];
    return {ifault,      fault.after_seconds, fault.after_file,
            fault.order, fault.signal,        fault.kind == FaultKind::killed_by_limit ? fault.limit : ""};
}

/// Which chunks a queue job that pulls will take is not known yet.
std::vector<KillPlan> kills_of(State& state, const FaultTarget& target) {
    const auto is_kill = [](const Fault& fault) {
        return fault.kind == FaultKind::killed || fault.kind == FaultKind::killed_by_limit;
    };
    const auto waits_for_claim = [&](const Fault& fault) { return fault.ichunk && target.work.is_pulling(); };
    std::vector<KillPlan> kills;
    const auto strikes = find_fault(state.faults, [&](const Fault& fault) {
        return is_kill(fault) && !waits_for_claim(fault) && is_aimed_at(fault, target);
    });
    if (strikes) kills.push_back(plan_of(state, *strikes));
    for (std::size_t i = 0; i < state.faults.size(); ++i) {
        const auto& fault = state.faults[i];
        if (!is_kill(fault) || !fault.is_live() || !waits_for_claim(fault)) continue;
        auto& plan = kills.emplace_back(plan_of(state, i));
        plan.claim = claim_on(target.work, *fault.ichunk);
        plan.claimant = target.work.claimant;
    }
    return kills;
}

std::optional<RunOrder> hand_out(State& state, const RunningPlace& place, const ChunksOfJob& chunks_of) {
    auto& job = *place.job;
    const auto running = job.running[place.irunning];
    const auto target = fault_target(state, job, running.task, chunks_of);
    const auto vanishes = find_fault(state.faults, [&](const Fault& fault) {
        return fault.kind == FaultKind::vanishes && fault.while_state == "running" &&
               is_aimed_at(fault, target);
    });
    if (vanishes) {
        ++state.faults[*vanishes].num_fails;
        job.running.erase(job.running.begin() + static_cast<std::ptrdiff_t>(place.irunning));
        return std::nullopt;
    }
    return RunOrder{job.JB_job_number,       running.task,
                    running.restarted,       job.submission,
                    kills_of(state, target), find_fault(state.faults, FaultKind::starts_twice, target)};
}

RunningTask* find_running(Job* job, std::uint64_t task) {
    if (job == nullptr) return nullptr;
    const auto running = std::ranges::find(job->running, task, &RunningTask::task);
    return running == job->running.end() ? nullptr : &*running;
}

/// The list of faults may have been edited while the command ran.
void count_fault(State& state, std::optional<std::size_t> ifault, FaultKind kind) {
    if (ifault && *ifault < state.faults.size() && state.faults[*ifault].kind == kind) {
        ++state.faults[*ifault].num_fails;
    }
}

}  // namespace

std::optional<RunOrder> advance(State& state, std::int64_t now, const ChunksOfJob& chunks_of) {
    std::optional<RunOrder> order;
    const auto waiting = first_waiting(state);
    if (waiting && num_running(state) < state.max_num_running) {
        start(state, *waiting, now, chunks_of);
    } else if (const auto oldest = oldest_that_nobody_runs(state)) {
        order = hand_out(state, *oldest, chunks_of);
    }
    remove_jobs_that_are_over(state);
    return order;
}

void mark_taken(State& state, const RunOrder& order, std::int64_t shepherd) {
    if (auto* const running = find_running(find_job(state, order.JB_job_number), order.task)) {
        running->shepherd = shepherd;
    }
}

std::optional<AccountRecord> finish(State& state, const RunOrder& order, const RunResult& result,
                                    std::int64_t now) {
    const auto* const kill = result.was_killed && result.ikill ? &order.kills[*result.ikill] : nullptr;
    if (kill != nullptr) {
        count_fault(state, kill->ifault,
                    kill->limit.empty() ? FaultKind::killed : FaultKind::killed_by_limit);
    }
    if (result.was_started_twice) count_fault(state, order.istarts_twice, FaultKind::starts_twice);

    auto* const job = find_job(state, order.JB_job_number);
    const auto* const running = find_running(job, order.task);
    if (running == nullptr) return std::nullopt;
    const bool deleted = running->deleted;
    const auto record = account_of(*job, *running, result, kill == nullptr ? "" : kill->limit, now);
    std::erase_if(job->running, [&](const RunningTask& r) { return r.task == order.task; });
    if (!deleted && !result.failure.empty()) {
        job->put_in_error(order.task, now, result.failure);
    } else if (!deleted && result.exit_code == 100) {
        job->put_in_error(order.task, now, "exit_status of job start = 100");
    } else if (!deleted && result.exit_code == 99) {
        job->requeued.insert(order.task);
    }
    remove_jobs_that_are_over(state);
    return record;
}

void forget_lost_tasks(State& state, const std::function<bool(std::int64_t)>& is_alive) {
    for (auto& job : state.jobs) {
        std::erase_if(job.running, [&](const RunningTask& running) {
            return running.shepherd != 0 && !is_alive(running.shepherd);
        });
    }
    remove_jobs_that_are_over(state);
}

void count_call_for_lingering_tasks(State& state) {
    for (auto& job : state.jobs) {
        for (auto& task : job.lingering) {
            if (task.num_calls_left > 0) --task.num_calls_left;
        }
        std::erase_if(job.lingering, [](const LingeringTask& task) { return task.num_calls_left == 0; });
    }
    remove_jobs_that_are_over(state);
}

}  // namespace qmr::dummy_queue
