// Which queue jobs have taken which chunks, where they pull.

#include "pool/map_loop.hpp"
#include "qmr/error.hpp"

namespace qmr::detail {

// Of chunks that are settled, or known to be taken, it does not matter.
void MapLoop::look_at_claims() {
    try {
        for (const std::size_t ichunk : claims_.taken(context_.monitor.num_chunks))
            if (monitor_.is_left(ichunk)) look_at_claim(ichunk);
    } catch (const Error& bad) {
        log_.write({{"level", "warning"}, {"message", "cannot list the claims"}, {"said", bad.what()}});
    }
}

void MapLoop::look_at_claim(std::size_t ichunk) {
    if (!context_.monitor.is_pulled) return;
    if (const auto claimant = claims_.claimant(ichunk))
        monitor_.claimed(ichunk, *claimant, now());
    else
        claims_.free(ichunk, std::nullopt);  // whatever it is, nobody works on the chunk for it
}

void MapLoop::free_claims(const std::vector<FreeClaim>& claims) {
    for (const FreeClaim& claim : claims) {
        journal_.write({{"event", "free"},
                        {"ichunk", claim.ichunk},
                        {"isubmission", claim.job.isubmission},
                        {"index", claim.job.index}});
        claims_.free(claim.ichunk, claim.job);
    }
}

}  // namespace qmr::detail
