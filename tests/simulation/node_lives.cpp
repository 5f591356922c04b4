// How the process node goes on with what another one began, and how it leaves.

#include <algorithm>
#include <set>

#include "simulation/node.hpp"

namespace qmr::detail::simulation {

namespace {

using State = Journal::Submission::State;

constexpr Seconds patience_with_ending_jobs{35};
constexpr Seconds patience{60};
constexpr Seconds longest_wait{1};

}  // namespace

void Node::take_over() {
    std::vector<AdoptedSubmission> past;
    std::set<std::size_t> live;
    for (const auto& [isubmission, written] : journal_.submissions) {
        AdoptedSubmission& adopted = past.emplace_back();
        adopted.isubmission = isubmission;
        adopted.is_over = written.state == State::over || written.state == State::lost;
        if (written.state == State::lost) continue;
        adopted.is_accepted = written.state == State::accepted;
        adopted.JB_job_number = written.JB_job_number;
        adopted.jobs = written.lines;
        for (auto& chunks : adopted.jobs)
            std::erase_if(chunks, [&, number = isubmission](std::size_t ichunk) {
                const auto first = journal_.first_isubmission.find(ichunk);
                return first != journal_.first_isubmission.end() && number < first->second;
            });
        has_submitted_ = true;
        if (!adopted.is_over) live.insert(isubmission);
    }
    monitor_.adopt(past, now());
    for (const auto& [ichunk, job] : journal_.freed) monitor_.was_freed(ichunk, job);
    if (!world_.setup.options.is_pulled) return;
    std::vector<FreeClaim> dead;
    for (std::size_t ichunk = 0; ichunk < world_.chunks.size(); ++ichunk) {
        const auto claimant = seen_claim(ichunk);
        if (claimant && !live.contains(claimant->isubmission)) dead.push_back({ichunk, *claimant});
    }
    for (const FreeClaim& claim : dead) monitor_.was_freed(claim.ichunk, claim.job);
    free_claims(dead);
}

// It believes an empty listing, so what lies last can leave a queue job behind.
bool Node::leave_nothing_behind() {
    world_.are_listings_true = true;
    for (const std::size_t isubmission : monitor_.unclear_submissions()) cluster_.remove_by_name(isubmission);
    const Seconds begin = now();
    Seconds wait = longest_wait / 16;
    bool is_known = false;
    while (true) {
        const bool may_end = now() - begin < patience_with_ending_jobs;
        const std::optional<std::vector<SeenJob>> listing = cluster_.list();
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
            if (is_clean) {
                step();
                for (auto& [isubmission, written] : journal_.submissions)
                    if (written.state != State::lost) written.state = State::over;
                world_.are_listings_true = false;
                return true;
            }
        } else if (!is_known) {
            to_remove = monitor_.live_jobs();
        }
        step();
        cluster_.remove(to_remove);
        if (now() - begin > patience) break;
        cluster_.advance(world_.t + wait);
        wait = std::min(wait * 2, longest_wait);
    }
    world_.are_listings_true = false;
    return false;
}

}  // namespace qmr::detail::simulation
