// How the process node goes on with what another one began, and how it leaves.

#include <algorithm>
#include <set>

#include "simulation/node.hpp"

namespace qmr::detail::simulation {

namespace {

using State = Journal::Submission::State;

constexpr Seconds patience_with_ending_jobs{35};
constexpr Seconds patience{60};
constexpr Seconds patience_with_unlisted{3};
constexpr Seconds longest_wait{1};

}  // namespace

void Node::take_over() {
    std::vector<AdoptedSubmission> past;
    std::set<std::size_t> live;
    for (const auto& [isubmission, written] : journal_.submissions) {
        if (written.state == State::lost) continue;
        past.push_back(adopt(isubmission, written));
        if (!past.back().is_over) places_.remember(written.JB_job_number);
        has_submitted_ = true;
        if (!past.back().is_over) live.insert(isubmission);
    }
    monitor_.adopt(past, now(), journal_.first_unused());
    begin_behind_what_is_done();
    if (!world_.setup.options.is_pulled) return;
    for (const auto& [ichunk, job] : journal_.freed) monitor_.was_freed(ichunk, job);
    std::vector<FreeClaim> dead;
    for (std::size_t ichunk = 0; ichunk < world_.chunks.size(); ++ichunk) {
        const auto claimant = seen_claim(ichunk);
        if (claimant && !live.contains(claimant->isubmission) && !monitor_.is_reserved(ichunk))
            dead.push_back({ichunk, *claimant});
    }
    for (const FreeClaim& claim : dead) monitor_.was_freed(claim.ichunk, claim.job);
    free_claims(dead);
}

AdoptedSubmission Node::adopt(std::size_t isubmission, const Journal::Submission& written) {
    AdoptedSubmission adopted;
    adopted.isubmission = isubmission;
    adopted.is_over = written.state == State::over;
    adopted.is_accepted = written.state == State::accepted;
    adopted.JB_job_number = written.JB_job_number;
    adopted.jobs = written.lines;
    adopted.demand = written.demand;
    adopted.is_only = written.is_only;
    adopted.deleted = written.deleted;
    for (std::size_t i = 0; i < adopted.jobs.size(); ++i) {
        std::erase_if(adopted.jobs[i], [&](std::size_t ichunk) {
            const auto first = journal_.first_isubmission.find(ichunk);
            return first != journal_.first_isubmission.end() && isubmission < first->second;
        });
        if (written.deleted.contains(i + 1) || (world_.setup.options.is_pulled && !written.is_only)) continue;
        for (const std::size_t ichunk : adopted.jobs[i]) referee_.adopts(ichunk, written.demand);
    }
    return adopted;
}

// As Attempts::restore() does.
void Node::begin_behind_what_is_done() {
    looked_at_ = world_.t;
    for (std::size_t ichunk = 0; ichunk < world_.chunks.size(); ++ichunk) {
        Chunk& chunk = world_.chunks[ichunk];
        if (chunk.result && chunk.result->seen_from <= world_.t) continue;
        const auto [ipart, num_records] = find_best_part(ichunk);
        chunks_[ichunk].best_part = ipart;
        std::size_t num_done = num_records;
        const std::size_t in_head = chunk.head ? chunk.head->num_records + (chunk.head->failed ? 1 : 0) : 0;
        if (chunk.head && chunk.head->num_records == num_records) num_done = in_head;
        monitor_.was_done(ichunk, num_done);
        referee_.resumes(ichunk, num_done);
        if (num_done != in_head)
            write_head({ichunk, num_done, std::nullopt});
        else
            chunk.num_kept = num_done;
    }
}

void Node::remove(const std::vector<JobKey>& keys) {
    for (const JobKey key : keys)
        if (const auto written = journal_.submissions.find(key.isubmission);
            written != journal_.submissions.end())
            written->second.deleted.insert(key.index);
    cluster_.remove(keys);
}

// It believes an empty listing, but for a while that what was submitted last may not be listed yet.
bool Node::leave_nothing_behind() {
    const Seconds doubt = std::min(world_.setup.options.file_system_latency, patience_with_unlisted);
    world_.listed_after = world_.faults.can_strike(Fault::list_lags) ? doubt * 0.99 : Seconds{0};
    const std::vector<std::size_t> unclear = monitor_.unclear_submissions();
    for (const std::size_t isubmission : unclear) cluster_.remove_by_name(isubmission);
    const Seconds begin = now();
    const std::vector<JobKey> unlisted = monitor_.unlisted_jobs();
    const Seconds end_of_doubt = begin + (unclear.empty() && unlisted.empty() ? Seconds{0} : doubt);
    const Counts counts = monitor_.counts();
    if (counts.committed + counts.failed < world_.chunks.size()) remove(unlisted);
    Seconds wait = longest_wait / 16;
    bool is_known = false;
    while (true) {
        const bool may_end = now() - begin < patience_with_ending_jobs;
        const std::optional<std::vector<SeenJob>> listing = cluster_.list(places_);
        std::vector<JobKey> to_remove;
        if (listing) {
            is_known = true;
            bool is_clean = true;
            for (const SeenJob& seen : *listing) {
                if (seen.state == JobState::deleting) continue;
                is_clean = false;
                if (!(may_end && seen.state == JobState::running && monitor_.is_ending(seen.key)))
                    to_remove.push_back(seen.key);
            }
            if (is_clean && now() >= end_of_doubt) {
                step();
                for (auto& [isubmission, written] : journal_.submissions)
                    if (written.state != State::lost) written.state = State::over;
                world_.listed_after.reset();
                return true;
            }
        } else if (!is_known) {
            to_remove = monitor_.live_jobs();
        }
        step();
        remove(to_remove);
        if (now() - begin > patience) break;
        cluster_.advance(world_.t + wait);
        wait = std::min(wait * 2, longest_wait);
    }
    world_.listed_after.reset();
    return false;
}

}  // namespace qmr::detail::simulation
