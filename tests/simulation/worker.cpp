// What a queue job does while it runs: takes chunks, runs their tasks, leaves files.

#include <algorithm>

#include "simulation/cluster.hpp"

namespace qmr::detail::simulation {

namespace {

constexpr std::uint64_t memory_of_others = 1'000'000'000;  // where none was asked for
constexpr Seconds longest_slow_task{600};

}  // namespace

void Cluster::go_on(Process& process) {
    if (process.ichunk != none)
        finish_task(process);
    else
        take_chunk(process);
}

void Cluster::take_chunk(Process& process) {
    Job& job = job_of(process);
    std::optional<std::size_t> ichunk;
    if (process.order) {
        if (process.time.starts_another(world_.t - job.begin)) ichunk = next_claim(process);
    } else if (process.iline < job.line.size()) {
        ichunk = job.line[process.iline++];
    }
    ichunk ? begin_chunk(process, *ichunk) : leave(process, 0);
}

std::optional<std::size_t> Cluster::next_claim(Process& process) {
    const JobKey key = job_of(process).key;
    while (const auto ichunk = propose(process)) {
        Chunk& chunk = world_.chunks[*ichunk];
        if (!chunk.claim) {
            chunk.claim = key;
            chunk.claim_seen_from = world_.t;
            if (world_.strikes(Fault::claim_is_seen_late))
                chunk.claim_seen_from += world_.dice.between(1, 40);
        }
        if (chunk.claim == key) return ichunk;
        process.order->lost();
    }
    return std::nullopt;
}

std::optional<std::size_t> Cluster::propose(Process& process) {
    if (const auto ichunk = process.order->next()) return ichunk;
    std::vector<std::size_t> taken;
    for (std::size_t ichunk = 0; ichunk < world_.chunks.size(); ++ichunk) {
        const Chunk& chunk = world_.chunks[ichunk];
        if ((chunk.claim && chunk.claim_seen_from <= world_.t) || world_.t < chunk.freed_seen_until)
            taken.push_back(ichunk);
    }
    process.order->look(taken);
    return process.order->next();
}

void Cluster::begin_chunk(Process& process, std::size_t ichunk) {
    Job& job = job_of(process);
    Chunk& chunk = world_.chunks[ichunk];
    world_.say("{}.{} begins with chunk {}", job.key.isubmission, job.key.index, ichunk);
    process.ichunk = ichunk;
    process.begin_of_chunk = world_.t;
    job.has_worked = true;
    if (std::ranges::find(job.touched, ichunk) == job.touched.end()) job.touched.push_back(ichunk);
    // One that was not listed is given up for lost with all that it takes later.
    if ((job.happened & bit(Cause::vanished)) != 0) world_.mark(job, ichunk, Cause::vanished);
    // A listing from a moment ago may still show the error state.
    if (world_.t - job.cleared_at < Seconds{2}) world_.mark(job, ichunk, Cause::error_state);
    if (chunk.result) {
        process.ichunk = none;
        process.time.took(Seconds{0});
        process.next = world_.t + Seconds{0.01};
        return;
    }
    process.num_at_begin = 0;
    process.ipart = none;
    if (world_.hosts[job.ihost].has_other_binary) {
        world_.faults.count(Fault::binary_has_changed);
        tell(process, Cause::binary_changed, "other binary", 0, false);
        leave(process, 1);
        return;
    }
    if (job.fate == Death::in_setup || world_.strikes(Fault::worker_crashes_in_setup)) {
        tell(process, Cause::crash, "in setup", 0);
        leave(process, 1);
        return;
    }
    ++chunk.num_attempts;
    process.num_at_begin = take_over(process, chunk);
    const Seconds lag = world_.strikes(Fault::part_is_late) ? world_.dice.between(1, 60) : Seconds{0};
    process.ipart = chunk.parts.size();
    chunk.parts.push_back(
        {job.key, process.num_at_begin, 0, process.num_at_begin, lag, world_.t + lag, world_.t + lag});
    process.num_outcomes = process.num_at_begin;
    process.settling = Settling(as_time(world_.setup.settling_time).time_since_epoch(), process.num_at_begin);
    begin_task(process);
}

// How many outcomes it begins with: those that the head names, as far as they are there.
std::size_t Cluster::take_over(Process& process, Chunk& chunk) {
    const bool is_late = chunk.head && world_.strikes(Fault::head_is_seen_late);
    const std::optional<HeadFile>& head = is_late ? chunk.older_head : chunk.head;
    std::size_t number = 0;
    bool is_dangling = false;
    process.alone = head ? head->alone : Alone();
    if (head) {
        if (head->ipart != none) {
            const Part& part = chunk.parts[head->ipart];
            is_dangling = part.is_gone;
            number = part.is_gone ? 0 : std::min(head->num_records, part.num_records);
            if (number > part.first_wrong && part.first_wrong != none)
                world_.wrong("what the end of a queue job has made of task {} of chunk {} is taken over",
                             part.first_wrong, process.ichunk);
        }
        if (head->failed && number == head->num_records && number < chunk.tasks.size()) ++number;
    }
    if (number < chunk.num_kept && !is_late && !is_dangling)
        world_.wrong("chunk {} is begun again behind {} tasks, but {} were done", process.ichunk, number,
                     chunk.num_kept);
    return number;
}

void Cluster::begin_task(Process& process) {
    if (process.num_outcomes == world_.chunks[process.ichunk].tasks.size())
        settle_and(process, &Cluster::commit);
    else if (process.alone.has_to_wait(process.num_outcomes))
        settle_and(process, &Cluster::run_task);
    else
        run_task(process);
}

void Cluster::run_task(Process& process) {
    const Job& job = job_of(process);
    const Chunk& chunk = world_.chunks[process.ichunk];
    const Task& task = chunk.tasks[process.num_outcomes];
    const std::uint64_t memory = job.demand.memory > 0 ? job.demand.memory : memory_of_others;
    process.outcome = Outcome::done;
    if (task.kind == TaskKind::kills_all) process.outcome = Outcome::killed;
    if (task.kind == TaskKind::kills_its_tasks) process.outcome = Outcome::killed_tasks;
    if (task.kind == TaskKind::wants_memory && task.memory > memory) process.outcome = Outcome::for_memory;
    if (process.outcome == Outcome::killed || process.outcome == Outcome::killed_tasks)
        world_.faults.count(Fault::task_kills_all);
    if (process.outcome == Outcome::for_memory) world_.faults.count(Fault::task_wants_memory);
    const Seconds duration =
        std::max(task.duration, std::min(longest_slow_task, task.duration * job.slowness));
    process.next = world_.t + duration;
    draw_fault(process, task);
    if (job.demand.walltime.count() > 0 && process.next > job.begin + job.demand.walltime) {
        process.outcome = Outcome::for_time;
        if (task.kind == TaskKind::wants_time) world_.faults.count(Fault::task_wants_time);
        process.next = std::max(world_.t, job.begin + job.demand.walltime);
    }
}

void Cluster::draw_fault(Process& process, const Task& task) {
    const auto meets = [&](Fault fault, Outcome outcome) {
        if (!world_.strikes(fault)) return false;
        process.outcome = outcome;
        process.next = world_.t + task.duration * world_.dice.fraction();
        return true;
    };
    if (job_of(process).fate == Death::can_not_write) {
        process.outcome = Outcome::can_not_write;
        process.next = world_.t + Seconds{0.1};
        return;
    }
    if (meets(Fault::job_is_killed, Outcome::killed) ||
        meets(Fault::job_is_killed_for_memory, Outcome::for_memory) ||
        meets(Fault::job_is_killed_for_time, Outcome::for_time) ||
        meets(Fault::job_is_told_to_leave, Outcome::told) ||
        meets(Fault::worker_can_not_write, Outcome::can_not_write) ||
        meets(Fault::job_runs_again, Outcome::again) ||
        meets(Fault::job_is_deleted_by_somebody, Outcome::deleted) ||
        !world_.strikes(Fault::job_is_suspended))
        return;
    Job& job = job_of(process);
    if (job.state != JobState::running) return;
    job.state = JobState::suspended;
    job.next = world_.t + world_.dice.between(1, 200);
    for (Process& other : world_.processes)
        if (other.ijob == process.ijob) other.next += job.next - world_.t;
}

void Cluster::finish_task(Process& process) {
    Job& job = job_of(process);
    const std::size_t ichunk = process.ichunk;
    world_.say("{}.{}: chunk {}, outcome {}", job.key.isubmission, job.key.index, ichunk,
               static_cast<int>(process.outcome));
    switch (process.outcome) {
        case Outcome::done:
            add_record(process);
            begin_task(process);
            break;
        case Outcome::settled:
            settle(process);
            begin_task(process);
            break;
        case Outcome::killed:
            add_wrong_record(process);
            end_job(job, {never, Cause::vanished, "killed by signal", {}, 0, 0});
            break;
        case Outcome::killed_tasks:
            live_on(process);
            tell(process, Cause::crash, "killed while a task ran", 9);
            leave(process, 1);
            break;
        case Outcome::for_memory:
            end_by_limit(process, Cause::out_of_memory);
            break;
        case Outcome::for_time:
            end_by_limit(process, Cause::out_of_time);
            break;
        case Outcome::told:
            add_wrong_record(process);
            tell(process, Cause::vanished, "told to leave", 15);
            leave(process, 4);
            break;
        case Outcome::can_not_write:
            live_on(process);
            if (process.ipart != none && world_.dice.chance(0.2)) process.num_at_begin = none;
            tell(process, Cause::worker_failure, "no space left on the disk", 0);
            leave(process, 3);
            break;
        case Outcome::again:
            add_wrong_record(process);
            world_.mark(job, ichunk, Cause::vanished);
            stop_processes(job);
            job.state = JobState::running;
            --world_.num_running;
            offer_slot();
            wait_for_slot(job);
            break;
        case Outcome::deleted:
            process.next = never;
            delete_job(job);
            break;
    }
}

// The batch system ends it, with or without a word to the worker.
void Cluster::end_by_limit(Process& process, Cause cause) {
    Job& job = job_of(process);
    world_.mark(job, process.ichunk, cause);
    if (world_.dice.chance(0.4)) {
        live_on(process);
        tell(process, Cause::crash, "killed while a task ran", 9);
    } else {
        add_wrong_record(process);
    }
    const std::uint64_t memory = job.demand.memory > 0 ? job.demand.memory : memory_of_others;
    const bool is_peak_known = cause == Cause::out_of_memory && world_.dice.chance(0.7);
    end_job(job, {never,
                  cause,
                  cause == Cause::out_of_memory ? "too much memory" : "too long",
                  {},
                  0,
                  is_peak_known ? memory : 0});
}

// Whatever is run twice, the first result wins.
void Cluster::commit(Process& process) {
    Job& job = job_of(process);
    Chunk& chunk = world_.chunks[process.ichunk];
    if (chunk.parts[process.ipart].first_wrong != none)
        world_.wrong("chunk {} is committed with what the end of a queue job has made", process.ichunk);
    if (!chunk.result) {
        const Seconds lag =
            world_.strikes(Fault::result_is_late) ? world_.dice.between(0.1, 150) : Seconds{0};
        const bool is_corrupt = world_.strikes(Fault::result_is_corrupt);
        chunk.result = {job.key, job.ihost, is_corrupt, world_.t + lag, world_.t - process.begin_of_chunk};
        if (is_corrupt) world_.mark(job, process.ichunk, Cause::corrupt_result);
        if (lag > Seconds{0}) world_.mark(job, process.ichunk, Cause::vanished);
        if (is_corrupt || lag > Seconds{0}) ++world_.hosts[job.ihost].num_failed;
        world_.say("{}.{} commits chunk {}", job.key.isubmission, job.key.index, process.ichunk);
    }
    chunk.parts[process.ipart].is_gone = true;
    process.time.took(world_.t - process.begin_of_chunk);
    process.ichunk = none;
    process.next = world_.t;
    take_chunk(process);
}

// An exit record. What the attempt has got done stays, unless it has brought nothing new.
void Cluster::tell(Process& process, Cause cause, const char* message, int signal, bool may_retry) {
    Job& job = job_of(process);
    Chunk& chunk = world_.chunks[process.ichunk];
    if (process.ipart != none) {
        Part& part = chunk.parts[process.ipart];
        part.is_gone = process.num_at_begin == none || part.num_records <= process.num_at_begin;
    }
    world_.mark(job, process.ichunk, signal == 0 ? cause : Cause::crash);
    ++world_.hosts[job.ihost].num_failed;
    if (world_.strikes(Fault::exit_record_is_missing)) return;
    const Seconds lag = world_.strikes(Fault::exit_record_is_late) ? world_.dice.between(1, 100) : Seconds{0};
    const bool is_exact =
        process.ipart == none || process.num_outcomes == chunk.parts[process.ipart].num_records;
    chunk.exits.push_back({job.key, cause, message, job.ihost, may_retry, signal,
                           (world_.t - process.begin_of_chunk).count(), world_.t + lag, is_exact});
}

void Cluster::leave(Process& process, int exit_code) {
    process.is_over = true;
    const auto is_at_work = [&](const Process& other) {
        return other.ijob == process.ijob && !other.is_over;
    };
    if (std::ranges::any_of(world_.processes, is_at_work)) return;
    Job& job = job_of(process);
    end_job(job, {never, Cause::vanished, "ended by itself", exit_code, 0, 0});
}

}  // namespace qmr::detail::simulation
