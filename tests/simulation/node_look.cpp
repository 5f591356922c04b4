// What the process node sees: the listing of the queue, the files in the work_dir.

#include <algorithm>

#include "simulation/node.hpp"

namespace qmr::detail::simulation {

namespace {

std::string describe(const std::vector<SeenJob>& listing) {
    std::string text = "listed:";
    for (const SeenJob& seen : listing)
        text += fmt::format(" {}.{}:{}", seen.key.isubmission, seen.key.index, static_cast<int>(seen.state));
    return text;
}

}  // namespace

void Node::observe() {
    if (!has_submitted_) return;
    const Seconds begin = world_.t;
    std::optional<std::vector<SeenJob>> listing = cluster_.list(places_);
    took_ = world_.t - begin;
    if (world_.dice.chance(0.2)) cluster_.advance(world_.t + world_.dice.between(0, 1));
    step();
    world_.say("{}", listing ? describe(*listing) : "no listing");
    look_into_work_dir();
    if (!listing) {
        look_ = PollingPace::Look::failed;
        monitor_.poll_failed("no listing");
        return;
    }
    look_ = PollingPace::Look::no_news;
    for (SeenJob& seen : *listing)
        if (seen.state == JobState::error && monitor_.is_needed(seen.key) &&
            (world_.setup.only_set_up_fails || world_.dice.chance(0.7)))
            seen.reason = "no such directory";
    patience_.lists(*listing);
    const Seconds seen_at = now();
    note_tellable();
    ask_about_missing(seen_at);
    monitor_.polled(*listing, seen_at);
    patience_.is_told(monitor_);
    ask_about_missing(seen_at);
}

// A directory has no order.
void Node::look_into_work_dir() {
    looked_at_ = world_.last_look = world_.t;
    const std::size_t num_chunks = world_.chunks.size();
    const std::size_t first = world_.dice.pick(0, num_chunks - 1);
    const bool results_first = world_.dice.chance(0.5);
    for (std::size_t i = 0; i < num_chunks; ++i) look_at_chunk((first + i) % num_chunks, results_first);
    if (world_.setup.options.is_pulled) look_at_claims();
}

void Node::look_at_chunk(std::size_t ichunk, bool results_first) {
    if (!results_first) read_exit_records(ichunk);
    const auto& result = world_.chunks[ichunk].result;
    if (result && result->seen_from <= world_.t && !monitor_.is_committed(ichunk)) take_results(ichunk);
    if (results_first) read_exit_records(ichunk);
}

void Node::take_results(std::size_t ichunk) {
    Chunk& chunk = world_.chunks[ichunk];
    step();
    if (chunk.result->is_corrupt) {
        if (monitor_.is_left(ichunk)) look_at_claim(ichunk);
        world_.say("the result of chunk {} is rejected", ichunk);
        chunk.result.reset();
        monitor_.rejected(ichunk, "checksum");
        return;
    }
    world_.say("chunk {} is committed", ichunk);
    monitor_.committed(ichunk, chunk.result->job, world_.hosts[chunk.result->ihost].name, chunk.result->took);
    referee_.committed(ichunk);
}

void Node::read_exit_records(std::size_t ichunk) {
    const auto& exits = world_.chunks[ichunk].exits;
    auto& read_at = chunks_[ichunk].read_at;
    read_at.resize(exits.size());
    for (std::size_t i = 0; i < exits.size(); ++i) {
        const ExitFile& record = exits[i];
        if (read_at[i] || record.seen_from > world_.t) continue;
        read_at[i] = world_.t;
        const std::string message = fmt::format("{} on {}", record.message, world_.hosts[record.ihost].name);
        world_.say("exit record of {}.{} on chunk {}: {}", record.job.isubmission, record.job.index, ichunk,
                   message);
        if (record.signal != 0)
            monitor_.attempt_killed(record.job, ichunk, message, now());
        else
            monitor_.attempt_failed(record.job, ichunk, record.cause, message, record.may_retry, now());
    }
}

std::optional<JobKey> Node::seen_claim(std::size_t ichunk) const {
    const Chunk& chunk = world_.chunks[ichunk];
    if (chunk.claim && chunk.claim_seen_from <= world_.t) return chunk.claim;
    return world_.t < chunk.freed_seen_until ? chunk.freed : std::nullopt;
}

void Node::look_at_claims() {
    if (world_.strikes(Fault::claims_can_not_be_listed)) return;
    for (std::size_t ichunk = 0; ichunk < world_.chunks.size(); ++ichunk)
        if (monitor_.is_left(ichunk)) look_at_claim(ichunk);
}

void Node::look_at_claim(std::size_t ichunk) {
    if (!world_.setup.options.is_pulled) return;
    if (const auto claimant = seen_claim(ichunk)) {
        world_.say("chunk {} is claimed by {}.{}", ichunk, claimant->isubmission, claimant->index);
        monitor_.claimed(ichunk, *claimant, now());
    }
}

void Node::free_claims(const std::vector<FreeClaim>& claims) {
    for (const FreeClaim& claim : claims) {
        step();
        if (world_.find(claim.job) != nullptr &&
            std::ranges::count(monitor_.open_chunks(claim.job), claim.ichunk) > 0)
            world_.wrong("the claim of {}.{} on chunk {} is taken away, which is waited for",
                         claim.job.isubmission, claim.job.index, claim.ichunk);
        journal_.freed.emplace_back(claim.ichunk, claim.job);
        step();
        Chunk& chunk = world_.chunks[claim.ichunk];
        if (seen_claim(claim.ichunk) != claim.job && chunk.claim != claim.job) continue;
        world_.say("the claim of {}.{} on chunk {} is taken away", claim.job.isubmission, claim.job.index,
                   claim.ichunk);
        if (world_.strikes(Fault::claim_can_not_be_freed)) continue;
        // Where it was seen for too long, another one that is there by now goes as well.
        chunk.claim.reset();
        chunk.freed = claim.job;
        chunk.freed_seen_until =
            world_.t +
            (world_.strikes(Fault::claim_is_out_of_date) ? world_.dice.between(1, 40) : Seconds{0});
    }
}

// Questions are about numbers.
void Node::note_tellable() {
    tellable_.clear();
    for (const Job& job : world_.jobs)
        if (cluster_.account_of(job.key) != nullptr && !monitor_.JB_job_number(job.key.isubmission).empty())
            tellable_.insert(job.key);
}

void Node::ask_about_missing(Seconds seen_at) {
    const std::vector<std::size_t> unexplained = monitor_.unexplained(seen_at);
    if (unexplained.size() > max_num_questions) world_.wrong("{} questions at a time", unexplained.size());
    for (const std::size_t isubmission : unexplained)
        for (std::uint64_t index = 1; index <= monitor_.num_jobs(isubmission); ++index) {
            const JobKey key{isubmission, index};
            const Account* account = cluster_.account_of(key);
            if (account == nullptr || !monitor_.is_needed(key)) continue;
            world_.say("of {}.{} is told: {}", isubmission, index, account->message);
            accounts_[key] = *account;
            monitor_.explained(key, {account->cause, account->message, account->exit_code}, now());
        }
}

}  // namespace qmr::detail::simulation
