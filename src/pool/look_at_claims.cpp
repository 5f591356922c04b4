// Which queue jobs have taken which chunks, where they pull.

#include "pool/map_loop.hpp"
#include "qmr/error.hpp"

namespace qmr::detail {

// Of chunks that are settled, or known to be taken, it does not matter.
void MapLoop::look_at_claims() {
    std::vector<std::size_t> taken;
    try {
        taken = claims_.taken(context_.monitor.num_chunks);
    } catch (const Error& bad) {
        log_.write({{"level", "warning"}, {"message", "cannot list the claims"}, {"said", bad.what()}});
    }
    for (const std::size_t ichunk : taken)
        if (monitor_.is_left(ichunk)) look_at_claim(ichunk);
}

void MapLoop::look_at_claim(std::size_t ichunk) {
    if (!context_.monitor.is_pulled) return;
    if (const auto claimant = claims_.claimant(ichunk))
        monitor_.claimed(ichunk, *claimant, now());
    else
        try_to_free(ichunk, std::nullopt);
}

void MapLoop::free_claims(const std::vector<FreeClaim>& claims) {
    for (const FreeClaim& claim : claims) {
        journal_.write({{"event", "free"},
                        {"ichunk", claim.ichunk},
                        {"isubmission", claim.job.isubmission},
                        {"index", claim.job.index}});
        try_to_free(claim.ichunk, claim.job);
    }
}

// So that nobody else takes the chunks of a queue job that is for these alone. It does not need the claims
// itself, so one that stays as it was costs time at worst.
void MapLoop::hand_over_claims(const Submit& order) {
    for (std::size_t i = 0; i < order.jobs.size(); ++i)
        for (const std::size_t ichunk : order.jobs[i]) {
            try {
                claims_.hand_over(ichunk, {order.isubmission, i + 1});
            } catch (const Error& bad) {
                log_.write({{"level", "warning"}, {"message", "a claim stays"}, {"said", bad.what()}});
            }
        }
}

// A claim that can not be taken away now is seen in the next look, and it is tried again.
void MapLoop::try_to_free(std::size_t ichunk, std::optional<JobKey> job) {
    try {
        job ? claims_.free(ichunk, *job) : claims_.free_if_no_claim(ichunk);
    } catch (const Error& bad) {
        log_.write({{"level", "warning"}, {"message", "a claim stays"}, {"said", bad.what()}});
    }
}

}  // namespace qmr::detail
