#include "simulation/referee.hpp"

#include <algorithm>

#include "ground/cause.hpp"

namespace qmr::detail::simulation {

namespace {

constexpr std::size_t max_num_blamed_in_a_row = 3;

bool may_be_by_task(Cause cause) {
    return cause == Cause::out_of_memory || cause == Cause::out_of_time || cause == Cause::vanished ||
           cause == Cause::crash;
}

}  // namespace

void Referee::begin_life() {
    ++num_lives_;
    judged_.clear();
    took_.clear();
    are_backups_refused_ = false;
    may_back_up_ = true;
    num_jobs_before_ = num_jobs_;
    for (std::size_t ichunk = 0; ichunk < chunks_.size(); ++ichunk) {
        const bool has_failed = chunks_[ichunk].num_given_up > 0 && chunks_[ichunk].is_measured;
        const auto failed_job = has_failed ? std::optional(chunks_[ichunk].job) : chunks_[ichunk].job_before;
        chunks_[ichunk] = {};
        chunks_[ichunk].job_before = failed_job;
        chunks_[ichunk].num_attempts_before = world_.chunks[ichunk].num_attempts;
        chunks_[ichunk].submitted_at = world_.t;
        chunks_[ichunk].demand = world_.setup.options.demand.first;
        // Who is to blame is in the head alone until an attempt has begun behind it.
        Chunk& chunk = world_.chunks[ichunk];
        chunk.num_kept = std::min(chunk.num_kept, chunk.head ? chunk.head->num_records : 0);
    }
}

void Referee::adopts(std::size_t ichunk, const Demand& demand) {
    const Demand& first = world_.setup.options.demand.first;
    chunks_[ichunk].demand = {std::max(demand.memory, first.memory),
                              std::max(demand.walltime, first.walltime)};
}

void Referee::committed(std::size_t ichunk) {
    ++num_results_;
    world_.last_progress = world_.t;
    took_.push_back(world_.chunks[ichunk].result->took);
    count_backup(ichunk);
    if (std::exchange(chunks_[ichunk].is_committed, true))
        world_.wrong("chunk {} is committed twice", ichunk);
}

std::size_t Referee::limit(Cause cause) const {
    const MonitorOptions& options = world_.setup.options;
    return options.max_num_retries[cause].value_or(options.max_num_resubmissions);
}

bool Referee::is_at_ceiling(const OfChunk& chunk, Cause cause) const {
    const DemandRules& rules = world_.setup.options.demand;
    return (cause == Cause::out_of_memory && rules.is_most_memory(chunk.demand)) ||
           (cause == Cause::out_of_time && rules.is_most_walltime(chunk.demand));
}

void Referee::measured(const Measure& attempt, const Achieved& achieved) {
    ++num_measured_;
    world_.last_progress = world_.t;
    if ((world_.chunks[attempt.ichunk].happened & bit(attempt.cause)) == 0)
        world_.wrong("an attempt on chunk {} is said to have ended by {} ({}), which never happened to it",
                     attempt.ichunk, to_string(attempt.cause), attempt.message);
    check_alone(attempt);
    OfChunk& chunk = chunks_[attempt.ichunk];
    chunk.backup.reset();
    if (chunk.expected) world_.wrong("chunk {} is measured twice", attempt.ichunk);
    chunk.cause = attempt.cause;
    chunk.is_measured = true;
    chunk.job = attempt.job;
    chunk.achieved = achieved;
    chunk.expected = verdict(attempt, achieved);
    judged_.push_back(attempt.ichunk);
}

void Referee::refused(std::size_t ichunk) {
    OfChunk& chunk = chunks_[ichunk];
    chunk.needs_more.reset();
    if (chunk.came_further) chunk.demand = world_.setup.options.demand.first;
    chunk.expected = chunk.came_further ? Verdict::retried : blame_or_give_up(chunk);
    judged_.push_back(ichunk);
}

// As docs/failures.md has it.
Referee::Verdict Referee::verdict(const Measure& attempt, const Achieved& achieved) {
    OfChunk& chunk = chunks_[attempt.ichunk];
    const bool is_pulled = world_.setup.options.is_pulled;
    const bool may_retry = attempt.cause != Cause::binary_changed;
    chunk.came_further = achieved.num_records > chunk.num_done;
    if (chunk.came_further) {
        chunk.num_done = std::min(achieved.num_records, achieved.num_tasks);
        chunk.num_failed = {};
        chunk.num_uncertain = chunk.num_blamed_in_a_row = 0;
        return may_retry ? Verdict::goes_on : Verdict::given_up;
    }
    if (!may_retry) return blame_or_give_up(chunk);
    const Job* job = world_.find(attempt.job);
    if (is_pulled && attempt.cause == Cause::out_of_time && job != nullptr && !job->is_only) {
        // Only one that was not its first chunk is free, and claims may have been seen in another order.
        ++chunk.num_uncertain;
        if (chunk.num_failed[attempt.cause] + chunk.num_uncertain <= limit(attempt.cause) &&
            !is_at_ceiling(chunk, attempt.cause))
            return Verdict::retried;
        return Verdict::uncertain;
    }
    const std::size_t num_failed = ++chunk.num_failed[attempt.cause];
    if (num_failed > limit(attempt.cause) || is_at_ceiling(chunk, attempt.cause))
        return blame_or_give_up(chunk);
    if (attempt.cause == Cause::out_of_memory && (chunk.demand.memory > 0 || achieved.peak_memory > 0))
        chunk.needs_more = attempt.cause;
    if (attempt.cause == Cause::out_of_time && chunk.demand.walltime.count() > 0)
        chunk.needs_more = attempt.cause;
    const bool may_be_over =
        attempt.cause == Cause::out_of_time && num_failed + chunk.num_uncertain > limit(attempt.cause);
    // Then it may be tried once more as it is, to know which task ran.
    if (may_be_over) chunk.needs_more.reset();
    return may_be_over ? Verdict::uncertain : Verdict::retried;
}

Referee::Verdict Referee::blame_or_give_up(const OfChunk& chunk) {
    const bool may_be_by_one = may_be_by_task(chunk.cause) && chunk.achieved.has_begun &&
                               chunk.achieved.num_records == chunk.num_done;
    if (may_be_by_one && !chunk.achieved.is_exact && !chunk.alone.holds(chunk.num_done))
        return Verdict::retried;
    const bool is_by_task = may_be_by_one && chunk.num_done + 1 < chunk.achieved.num_tasks &&
                            chunk.num_blamed_in_a_row + 1 < max_num_blamed_in_a_row;
    return is_by_task ? Verdict::blamed : Verdict::given_up;
}

void Referee::decided(const Decisions& decisions) {
    may_back_up_ = !are_backups_refused_;
    for (std::size_t i = 0; i < decisions.free.size(); ++i)
        if (std::ranges::count(decisions.free, decisions.free[i]) > 1)
            world_.wrong("the claim on chunk {} is taken away twice", decisions.free[i].ichunk);
    for (const JobKey key : decisions.remove)
        if (std::ranges::count(decisions.remove, key) > 1)
            world_.wrong("queue job {}.{} is deleted twice", key.isubmission, key.index);
    for (const std::size_t ichunk : judged_) {
        OfChunk& chunk = chunks_[ichunk];
        const Verdict expected = *std::exchange(chunk.expected, std::nullopt);
        // Who is tried again may be given up together with all others in the next moment.
        const bool is_told =
            std::ranges::any_of(decisions.notes, [&](const Note& note) { return note.ichunk == ichunk; });
        Verdict actual = is_told ? Verdict::retried : Verdict::given_up;
        for (const NewHead& head : decisions.heads) {
            if (head.ichunk != ichunk) continue;
            if (head.num_records != chunk.num_done)
                world_.wrong("chunk {} goes on behind {} tasks, and {} are done", ichunk, head.num_records,
                             chunk.num_done);
            actual = chunk.came_further ? Verdict::goes_on : Verdict::retried;
            if (head.failed) actual = Verdict::blamed;
            chunk.alone = head.alone;
            if (head.failed) blame(head);
        }
        if (expected != actual && expected != Verdict::uncertain)
            world_.wrong("after {} of chunk {} the verdict is {}, and should be {}", to_string(chunk.cause),
                         ichunk, to_string(actual), to_string(expected));
    }
    judged_.clear();
}

void Referee::blame(const NewHead& head) {
    OfChunk& chunk = chunks_[head.ichunk];
    const Chunk& truth = world_.chunks[head.ichunk];
    if ((truth.happened & bit(head.failed->cause)) == 0 || head.failed->cause != chunk.cause)
        world_.wrong("a task of chunk {} is to blame for {}, which never happened to it", head.ichunk,
                     to_string(head.failed->cause));
    if (world_.setup.only_tasks_fail && !is_culprit(truth.tasks[head.num_records], head.failed->cause))
        world_.wrong("task {} of chunk {} is innocent of {}", head.num_records, head.ichunk,
                     to_string(head.failed->cause));
    ++chunk.num_done;
    ++chunk.num_blamed_in_a_row;
    chunk.num_failed = {};
    chunk.num_uncertain = 0;
    chunk.needs_more.reset();
    chunk.demand = world_.setup.options.demand.first;
}

bool Referee::is_culprit(const Task& task, Cause cause) {
    switch (task.kind) {
        case TaskKind::kills_all:
            return cause == Cause::vanished;
        case TaskKind::kills_its_tasks:
            return cause == Cause::crash;
        case TaskKind::wants_memory:
            return cause == Cause::out_of_memory;
        case TaskKind::wants_time:
            return cause == Cause::out_of_time;
        default:
            return false;
    }
}

bool Referee::is_for_all(const GiveUp& given_up) {
    return given_up.message.find("so ended") != std::string::npos;
}

// Queue jobs that end in vain, or seem to, cost those chunks that none came to. Each end counts once.
bool Referee::is_doubt_justified() const {
    const MonitorOptions& options = world_.setup.options;
    std::size_t num_ended = 0;
    for (const Job& job : world_.jobs) {
        if (job.is_gone || job.happened != 0) num_ended += std::max(job.num_starts, std::size_t{1});
        if ((job.happened & bit(Cause::error_state)) != 0) ++num_ended;
        // One that seemed to be gone may refuse its chunk later.
        if ((job.happened & bit(Cause::binary_changed)) != 0) ++num_ended;
    }
    return options.is_pulled &&
           num_ended > std::max(options.max_num_idle_jobs, options.max_num_resubmissions);
}

void Referee::gave_up(const GiveUp& given_up) {
    world_.last_progress = world_.t;
    OfChunk& chunk = chunks_[given_up.ichunk];
    const Chunk& truth = world_.chunks[given_up.ichunk];
    if (chunk.is_committed) world_.wrong("chunk {} is given up, and was committed", given_up.ichunk);
    if (++chunk.num_given_up > 1) world_.wrong("chunk {} is given up twice", given_up.ichunk);
    const Job* job = world_.find(given_up.job);
    if (chunk.is_measured && chunk.job_before == chunk.job &&
        chunk.num_attempts_before == truth.num_attempts && num_jobs_ == num_jobs_before_)
        world_.wrong("chunk {} had failed, and fails again without another try", given_up.ichunk);
    const Happened of_job = job != nullptr ? job->happened : 0;
    const Happened happened = is_for_all(given_up) ? world_.happened : truth.happened | of_job;
    if ((happened & bit(given_up.cause)) == 0)
        world_.wrong("chunk {} is given up for {} ({}), which never happened", given_up.ichunk,
                     to_string(given_up.cause), given_up.message);
    if (truth.happened == 0 && !is_for_all(given_up) && !is_doubt_justified())
        world_.wrong("chunk {} is given up, and nothing happened to it", given_up.ichunk);
    if (given_up.num_records > truth.tasks.size() || given_up.num_records < chunk.num_done)
        world_.wrong("chunk {} is given up with {} outcomes", given_up.ichunk, given_up.num_records);
    if (world_.setup.only_tasks_fail && (given_up.num_records == truth.tasks.size() ||
                                         !is_culprit(truth.tasks[given_up.num_records], given_up.cause)))
        world_.wrong("chunk {} is given up for {}, of which its task {} is innocent", given_up.ichunk,
                     to_string(given_up.cause), given_up.num_records);
}

std::string_view Referee::to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::goes_on:
            return "to go on behind what is done";
        case Verdict::retried:
            return "to try again";
        case Verdict::blamed:
            return "to blame a task";
        case Verdict::given_up:
            return "to give up";
        case Verdict::uncertain:
            break;
    }
    return "uncertain";
}

}  // namespace qmr::detail::simulation
