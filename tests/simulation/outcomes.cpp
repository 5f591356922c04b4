// When the outcomes of a worker's tasks count.

#include <algorithm>
#include <chrono>

#include "simulation/cluster.hpp"

namespace qmr::detail::simulation {

void Cluster::add_record(Process& process) {
    const TaskKind kind = world_.chunks[process.ichunk].tasks[process.num_outcomes].kind;
    if (kind == TaskKind::throws) world_.faults.count(Fault::task_throws);
    if (kind == TaskKind::ends_its_process) world_.faults.count(Fault::task_ends_its_process);
    process.settling.see(++process.num_outcomes, as_time(world_.t));
    settle(process);
}

Settling::Time Cluster::as_time(Seconds t) {
    return Settling::Time(std::chrono::duration_cast<Settling::Duration>(t));
}

void Cluster::settle(Process& process) {
    Part& part = world_.chunks[process.ichunk].parts[process.ipart];
    part.num_outcomes = process.num_outcomes;
    const std::size_t num_settled = process.settling.num_settled(as_time(world_.t));
    if (num_settled == part.num_records) return;
    if (part.last_seen_from <= world_.t) part.num_before = part.num_records;
    part.num_records = num_settled;
    part.last_seen_from = world_.t + part.lag;
}

// A worker that is not told to leave waits until all outcomes count, before it tells how its attempt ended.
void Cluster::live_on(Process& process) {
    if (process.ipart == none) return;
    Part& part = world_.chunks[process.ichunk].parts[process.ipart];
    part.num_records = part.num_outcomes = process.num_outcomes;
    part.last_seen_from = std::max(part.last_seen_from, world_.t + part.lag);
}

// The batch system ends what a task has started a moment before the worker, and the task makes something of
// that.
void Cluster::add_wrong_record(Process& process) {
    Chunk& chunk = world_.chunks[process.ichunk];
    if (process.ipart == none || process.num_outcomes == chunk.tasks.size() ||
        world_.setup.settling_time == Seconds{0} || !world_.strikes(Fault::tasks_end_before_their_worker))
        return;
    chunk.parts[process.ipart].first_wrong = process.num_outcomes;
    const Seconds lead = world_.setup.settling_time * world_.dice.fraction() * 0.99;
    process.settling.see(++process.num_outcomes, as_time(world_.t - lead));
    settle(process);
}

// A worker runs the tasks of its next chunk meanwhile, which makes no difference to this one.
void Cluster::settle_and(Process& process, void (Cluster::*next)(Process&)) {
    const auto end = process.settling.end();
    if (!end) {
        (this->*next)(process);
        return;
    }
    process.outcome = Outcome::settled;
    const Task wait{TaskKind::fine, Seconds{end->time_since_epoch()} - world_.t + Seconds{0.001}, 0};
    process.next = world_.t + wait.duration;
    draw_fault(process, wait);
}

}  // namespace qmr::detail::simulation
