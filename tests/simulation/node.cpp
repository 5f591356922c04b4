#include "simulation/node.hpp"

#include <algorithm>

namespace qmr::detail::simulation {

namespace {

using State = Journal::Submission::State;

}  // namespace

Node::Node(World& world, Cluster& cluster, Referee& referee, Journal& journal, std::size_t fuse)
    : world_(world),
      cluster_(cluster),
      referee_(referee),
      journal_(journal),
      fuse_(fuse),
      zero_(world.t),
      monitor_(world.setup.options),
      places_(world.setup.places),
      pace_(world.setup.polling_interval),
      patience_(world),
      chunks_(world.chunks.size()) {
    if (world_.strikes(Fault::node_has_another_clock)) zero_ -= world_.dice.between(0, 1e9);
    world_.listed_after.reset();
    referee_.begin_life();
    if (!journal_.submissions.empty()) take_over();
}

void Node::step() {
    if (fuse_ == 0 || --fuse_ > 0) return;
    world_.say("the process node is killed");
    throw NodeKilled();
}

Node::End Node::pass() {
    const Counts before = monitor_.counts();
    observe();
    const Decisions decisions = decide();
    carry_out(decisions);
    if (!abort_.empty()) return End::aborted;
    referee_.sees(monitor_.counts());
    patience_.has_decided();
    if (decisions.is_done) return End::done;
    wait(decisions, before);
    return End::not_yet;
}

void Node::wait(const Decisions& decisions, const Counts& before) {
    if (look_ == PollingPace::Look::no_news && monitor_.counts() != before) look_ = PollingPace::Look::news;
    Seconds wait = pace_.next(look_, took_);
    if (decisions.again_at) wait = std::clamp(*decisions.again_at - now(), Seconds{0}, wait);
    if (world_.strikes(Fault::node_sleeps)) {
        const Seconds sleep = world_.dice.between(10, 1000);
        world_.excuse(sleep);
        wait += sleep;
    }
    cluster_.advance(world_.t + wait);
}

Decisions Node::decide() {
    Decisions decisions = monitor_.decide(now());
    while (!decisions.measure.empty()) {
        for (const Measure& attempt : decisions.measure) {
            const Achieved achieved = measure(attempt);
            world_.say("chunk {}: {} ({}), {} of {} done", attempt.ichunk, to_string(attempt.cause),
                       attempt.message, achieved.num_records, achieved.num_tasks);
            referee_.measured(attempt, achieved);
            monitor_.measured(attempt.ichunk, achieved, now());
        }
        decisions = monitor_.decide(now());
    }
    referee_.decided(decisions);
    return decisions;
}

std::pair<std::size_t, std::size_t> Node::find_best_part(std::size_t ichunk) const {
    std::pair<std::size_t, std::size_t> best{none, 0};
    const auto& parts = world_.chunks[ichunk].parts;
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (parts[i].is_seen(looked_at_) && parts[i].num_seen(world_.t) > best.second)
            best = {i, parts[i].num_seen(world_.t)};
    return best;
}

Achieved Node::measure(const Measure& ended) {
    const Chunk& chunk = world_.chunks[ended.ichunk];
    const auto [ipart, num_records] = find_best_part(ended.ichunk);
    chunks_[ended.ichunk].best_part = ipart;
    Achieved achieved;
    achieved.num_records = num_records;
    achieved.num_tasks = chunk.tasks.size();
    for (const Part& part : chunk.parts)
        if (part.job == ended.job && part.is_seen(looked_at_)) {
            achieved.has_begun = true;
            achieved.is_exact = false;
            achieved.num_outcomes = std::max(achieved.num_outcomes, part.num_outcomes);
        }
    const auto told = accounts_.find(ended.job);
    if (told != accounts_.end()) {
        achieved.seconds = told->second.seconds;
        achieved.peak_memory = told->second.peak_memory;
        if (const Job* job = world_.find(ended.job); job->ihost != none)
            achieved.host = world_.hosts[job->ihost].name;
    }
    std::optional<Seconds> killed_at;
    const auto& read_at = chunks_[ended.ichunk].read_at;
    for (std::size_t i = 0; i < read_at.size(); ++i) {
        const ExitFile& record = chunk.exits[i];
        if (record.job != ended.job || !read_at[i]) continue;
        achieved.has_begun = true;
        achieved.is_exact = record.is_exact;
        achieved.host = world_.hosts[record.ihost].name;
        achieved.seconds = record.seconds;
        // Of one that started twice, the latest counts.
        if (record.signal != 0 && *read_at[i] > chunks_[ended.ichunk].measured_at)
            killed_at = std::max(killed_at, read_at[i]);
    }
    chunks_[ended.ichunk].measured_at = world_.t;
    if (told == accounts_.end() && tellable_.contains(ended.job)) patience_.ends_unheard(ended);
    patience_.ends(ended, told == accounts_.end() ? nullptr : &told->second, killed_at);
    return achieved;
}

void Node::carry_out(const Decisions& decisions) {
    for (const Note& note : decisions.notes) {
        step();
        if (!note.ichunk) world_.say("note: {}", note.text);
        if (note.job && world_.setup.options.is_pulled) journal_.freed.emplace_back(*note.ichunk, *note.job);
        if (note.ichunk) journal_.first_isubmission[*note.ichunk] = journal_.first_unused();
    }
    for (const std::string& warning : decisions.warnings) {
        world_.say("warning: {}", warning);
        if (warning.ends_with("another queue job works on the same chunk"))
            world_.faults.count(Fault::backup_or_first_fails);
    }
    for (const GiveUp& chunk : decisions.give_up) {
        step();
        world_.say("chunk {} is given up: {} ({})", chunk.ichunk, to_string(chunk.cause), chunk.message);
        referee_.gave_up(chunk);
        if (world_.setup.options.is_pulled && monitor_.has_taken(chunk.job, chunk.ichunk))
            journal_.freed.emplace_back(chunk.ichunk, chunk.job);
        journal_.first_isubmission[chunk.ichunk] = journal_.first_unused();
    }
    if (!decisions.abort.empty()) {
        abort_ = decisions.abort;
        return;
    }
    step();
    const std::size_t num_deleted = patience_.num_deleted();
    patience_.deletes(decisions.remove);
    referee_.num_removed += patience_.num_deleted() - num_deleted;
    remove(decisions.remove);
    for (const NewHead& head : decisions.heads) write_head(head);
    free_claims(decisions.free);
    submit_all(decisions.submit);
}

// One that can not be written costs time only.
void Node::write_head(const NewHead& order) {
    step();
    const OfChunk& known = chunks_[order.ichunk];
    Chunk& chunk = world_.chunks[order.ichunk];
    world_.say("chunk {} goes on behind {} tasks{}", order.ichunk, order.num_records,
               order.failed ? " and one to blame" : "");
    if (world_.strikes(Fault::head_can_not_be_written)) {
        chunk.num_kept = 0;
        return;
    }
    HeadFile head;
    if (order.num_records > 0) head.ipart = known.best_part;
    head.num_records = order.num_records;
    if (order.failed) head.failed = order.failed->cause;
    head.alone = order.alone;
    chunk.older_head = std::exchange(chunk.head, head);
    chunk.num_kept = order.num_records + (order.failed ? 1 : 0);
}

void Node::submit_all(const std::vector<Submit>& orders) {
    Kind last = Kind::accepted;
    bool has_to_decide = false;
    for (const Submit& order : orders) {
        referee_.submits(order);
        patience_.submits(order);
        has_submitted_ = true;
        if (last == Kind::accepted) {
            last = submit(order);
            if (last != Kind::accepted) referee_.num_put_back += order.jobs.size();
            has_to_decide = has_to_decide || last == Kind::too_large || last == Kind::refused;
            if (last == Kind::refused) last = Kind::accepted;
            continue;
        }
        referee_.num_put_back += order.jobs.size();
        if (last == Kind::unclear) {
            monitor_.submit_busy(order.isubmission, now());
            last = Kind::busy;
        } else {
            monitor_.submit_put_off(order.isubmission);
        }
    }
    if (has_to_decide) carry_out(decide());
}

Node::Kind Node::submit(const Submit& order) {
    if (order.has_claims)
        for (std::size_t i = 0; i < order.jobs.size(); ++i)
            for (const std::size_t ichunk : order.jobs[i]) {
                world_.chunks[ichunk].claim = JobKey{order.isubmission, i + 1};
                world_.chunks[ichunk].claim_seen_from = world_.t;
            }
    step();
    if (order.isubmission < journal_.first_unused())
        world_.wrong("the journal has submission {} twice", order.isubmission);
    auto& written = journal_.submissions[order.isubmission];
    written = {State::asked, {}, order.jobs, order.demand, order.is_only, {}};
    step();
    SubmitVerdict verdict = cluster_.submit(order);
    const Kind told = verdict.kind;
    places_.submitted(verdict);
    if (verdict.kind != told) ++world_.num_unclear;
    world_.say("submission {} of {} queue jobs: {}", order.isubmission, order.jobs.size(),
               static_cast<int>(verdict.kind));
    step();
    switch (verdict.kind) {
        case Kind::accepted:
            monitor_.submit_accepted(order.isubmission, verdict.JB_job_number, now());
            if (order.is_backup) referee_.takes_backups(order);
            written.state = State::accepted;
            written.JB_job_number = verdict.JB_job_number;
            break;
        case Kind::busy:
            monitor_.submit_busy(order.isubmission, now());
            written.state = State::lost;
            break;
        case Kind::too_large:
            monitor_.submit_too_large(order.isubmission, verdict.max_array_size);
            written.state = State::lost;
            break;
        case Kind::unclear:
            patience_.is_unclear(order.isubmission);
            monitor_.submit_unclear(order.isubmission, verdict.message, now(), verdict.is_full);
            break;
        case Kind::refused:
            // Where hosts were to be left out, that is what is refused.
            if (order.excluded_hosts.empty() && order.is_backup)
                referee_.refused_backups();
            else if (order.excluded_hosts.empty())
                for (const auto& line : order.jobs)
                    for (const std::size_t ichunk : line) referee_.refused(ichunk);
            monitor_.submit_refused(order.isubmission, verdict.message);
            written.state = State::lost;
            break;
    }
    return verdict.kind;
}

}  // namespace qmr::detail::simulation
