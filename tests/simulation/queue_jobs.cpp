// Queue jobs from their begin to their end.

#include <algorithm>

#include "simulation/cluster.hpp"

namespace qmr::detail::simulation {

void Cluster::advance(Seconds until) {
    while (true) {
        Job* job = nullptr;
        Process* process = nullptr;
        Seconds first = until;
        for (const std::size_t ijob : world_.queue)
            if (world_.jobs[ijob].next < first) {
                job = &world_.jobs[ijob];
                first = job->next;
            }
        for (Process& other : world_.processes)
            if (!other.is_over && other.next < first) {
                process = &other;
                first = other.next;
            }
        if (job == nullptr && process == nullptr) break;
        world_.t = std::max(world_.t, first);
        world_.last_progress = world_.t;
        process != nullptr ? go_on(*process) : happens(*job);
    }
    world_.t = std::max(world_.t, until);
    std::erase_if(world_.processes, [](const Process& process) { return process.is_over; });
}

void Cluster::happens(Job& job) {
    job.next = never;
    switch (job.state) {
        case JobState::pending:
            start(job);
            break;
        case JobState::held:
            wait_for_slot(job);
            break;
        case JobState::error:
            world_.faults.count(Fault::job_in_error_is_cleared);
            job.cleared_at = world_.t;
            wait_for_slot(job);
            break;
        case JobState::suspended:
            job.state = JobState::running;
            break;
        case JobState::deleting:
            end_job(job, {never, Cause::vanished, "deleted", {}, 0, 0}, false);
            break;
        default:  // one that dies before its worker begins
            end_job(job, job.account, job.account.known_from < never);
            break;
    }
}

void Cluster::wait_for_slot(Job& job) {
    job.state = JobState::pending;
    job.next = world_.t + world_.dice.between(0, world_.setup.longest_wait_for_slot.count());
}

void Cluster::start(Job& job) {
    if (world_.num_running >= world_.setup.num_slots) return;  // its time is when a slot is free
    if (world_.strikes(Fault::job_vanishes_while_it_waits)) {
        end_job(job, {}, false);
        return;
    }
    job.ihost = choose_host(job);
    const Host& host = world_.hosts[job.ihost];
    job.fate = fate_on(host);
    if (job.fate == Death::error_state || world_.strikes(Fault::job_goes_to_error)) {
        job.state = JobState::error;
        for (const std::size_t ichunk : job.touched) world_.mark(job, ichunk, Cause::error_state);
        world_.mark(job, Cause::error_state);
        offer_slot();
        ++world_.hosts[job.ihost].num_failed;
        if (world_.faults.can_strike(Fault::job_in_error_is_cleared) && world_.dice.chance(0.6))
            job.next = world_.t + world_.dice.between(1, 40);
        world_.say("{}.{} goes to the error state", job.key.isubmission, job.key.index);
        return;
    }
    job.state = JobState::running;
    job.begin = world_.t;
    job.num_starts++;
    if (world_.setup.share_of_slow > 0 && world_.dice.chance(world_.setup.share_of_slow)) {
        world_.faults.count(Fault::job_is_slow);
        job.slowness = world_.dice.between(4, 30).count();
    }
    ++world_.num_running;
    world_.say("{}.{} starts on {}", job.key.isubmission, job.key.index, host.name);
    const bool is_traceless =
        job.fate == Death::no_trace || world_.strikes(Fault::job_vanishes_before_its_command);
    if (is_traceless || job.fate == Death::no_launcher) {
        job.next = world_.t + world_.dice.between(0.1, 2);
        job.account = {is_traceless ? never : world_.t, Cause::vanished, "no such file", 127, 0, 0};
        return;
    }
    start_processes(job);
    if (world_.strikes(Fault::job_starts_twice)) start_processes(job);
}

Death Cluster::fate_on(const Host& host) {
    if (world_.t < world_.setup.set_up_wrong_until) {
        world_.faults.count(Fault::wrong_set_up);
        return world_.setup.how_wrong;
    }
    return host.is_black_hole && world_.strikes(Fault::black_hole) ? host.how_black : Death::not_early;
}

void Cluster::start_processes(Job& job) {
    Process& process = world_.processes.emplace_back();
    process.ijob = static_cast<std::size_t>(&job - world_.jobs.data());
    process.next = world_.t + world_.dice.between(0, 0.5);
    if (!world_.setup.options.is_pulled || job.is_only) return;
    process.order = make_pull_order(world_.setup.options.pull_way, world_.chunks.size(), job.line,
                                    (job.key.isubmission << 32U) + job.key.index);
    process.time = JobTime(world_.setup.max_job_time, Seconds{world_.setup.options.demand.first.walltime});
}

std::size_t Cluster::choose_host(const Job& job) {
    const auto& excluded = world_.excluded[job.key.isubmission];
    std::size_t ihost = world_.dice.pick(0, world_.hosts.size() - 1);
    for (std::size_t i = 0; i < world_.hosts.size(); ++i) {
        if (std::ranges::find(excluded, world_.hosts[ihost].name) == excluded.end()) break;
        ihost = (ihost + 1) % world_.hosts.size();
    }
    return ihost;
}

// Who waits longest is next.
void Cluster::offer_slot() {
    if (world_.num_running >= world_.setup.num_slots) return;
    for (const std::size_t ijob : world_.queue)
        if (Job& job = world_.jobs[ijob]; job.state == JobState::pending && job.next == never) {
            job.next = world_.t + world_.dice.between(0, 2);
            return;
        }
}

void Cluster::stop_processes(Job& job) {
    for (Process& process : world_.processes)
        if (&world_.jobs[process.ijob] == &job && !process.is_over) {
            process.is_over = true;
            if (process.ichunk != none) ++world_.hosts[job.ihost].num_failed;
        }
}

// All that it has to do with and that has no result that others see is the worse for it.
void Cluster::end_job(Job& job, Account account, bool is_accounted) {
    world_.say("{}.{} ends: {}", job.key.isubmission, job.key.index, account.message);
    stop_processes(job);
    if (!job.has_worked && job.ihost != none) ++world_.hosts[job.ihost].num_failed;
    world_.mark(job, account.cause);
    world_.mark(job, Cause::vanished);
    for (const std::size_t ichunk : job.touched) {
        const auto& result = world_.chunks[ichunk].result;
        if (result && !result->is_corrupt && result->seen_from <= world_.t) continue;
        world_.mark(job, ichunk, Cause::vanished);
        world_.mark(job, ichunk, account.cause);
        if (job.ihost != none) ++world_.hosts[job.ihost].num_failed;
    }
    account.known_from = never;
    if (is_accounted && !world_.strikes(Fault::account_is_missing))
        account.known_from = world_.t + (world_.strikes(Fault::account_is_late) ? world_.dice.between(5, 120)
                                                                                : world_.dice.between(0, 1));
    account.seconds = (world_.t - job.begin).count();
    if (world_.strikes(Fault::account_has_odd_times)) account.seconds = world_.dice.between(0, 1e6).count();
    job.account = account;
    forget(job);
}

void Cluster::forget(Job& job) {
    const bool had_slot = job.state == JobState::running || job.state == JobState::suspended ||
                          (job.state == JobState::deleting && job.has_slot);
    job.is_gone = true;
    job.next = never;
    const auto ijob = static_cast<std::size_t>(&job - world_.jobs.data());
    std::erase(world_.queue, ijob);
    if (had_slot) --world_.num_running;
    offer_slot();
}

void Cluster::delete_job(Job& job) {
    if (job.is_gone || job.state == JobState::deleting) return;
    const bool runs = job.state == JobState::running || job.state == JobState::suspended;
    const bool lingers = world_.strikes(Fault::job_lingers);
    world_.say("{}.{} is deleted", job.key.isubmission, job.key.index);
    world_.mark(job, Cause::vanished);
    for (const std::size_t ichunk : job.touched) world_.mark(job, ichunk, Cause::vanished);
    if (!runs && !lingers) {
        end_job(job, {never, Cause::vanished, "deleted", {}, 0, 0}, false);
        return;
    }
    job.has_slot = runs;
    // It may get a moment to say so.
    for (Process& process : world_.processes)
        if (&world_.jobs[process.ijob] == &job && !process.is_over && process.ichunk != none &&
            world_.dice.chance(0.3)) {
            process.outcome = Outcome::told;
            process.next = std::min(process.next, world_.t);
            go_on(process);
        }
    if (job.is_gone) return;
    stop_processes(job);
    job.state = JobState::deleting;
    job.next = world_.t + (lingers ? world_.dice.between(5, 300) : world_.dice.between(0, 3));
}

}  // namespace qmr::detail::simulation
