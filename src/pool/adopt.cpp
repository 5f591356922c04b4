// How a loop goes on with what another process began.

#include <set>

#include "pool/map_loop.hpp"
#include "qmr/error.hpp"

namespace qmr::detail {

void MapLoop::take_over(const PastMap& past) {
    is_taken_over_ = is_to_be_told_ = true;
    JB_names_ = past.JB_names;
    monitor_.adopt(past.submissions, now());
    for (const auto& [ichunk, job] : past.freed) monitor_.was_freed(ichunk, job);
    if (!context_.monitor.is_pulled) return;
    // What claims the dead have left is known before anybody is asked for.
    std::set<std::size_t> live;
    for (const AdoptedSubmission& submission : past.submissions)
        if (!submission.is_over) live.insert(submission.isubmission);
    std::vector<FreeClaim> dead;
    for (const std::size_t ichunk : claims_.taken(context_.monitor.num_chunks)) {
        const auto claimant = claims_.claimant(ichunk);
        if (claimant && !live.contains(claimant->isubmission)) dead.push_back({ichunk, *claimant});
    }
    for (const FreeClaim& claim : dead) monitor_.was_freed(claim.ichunk, claim.job);
    free_claims(dead);
}

}  // namespace qmr::detail
