// How a loop goes on with what another process began.

#include <boost/filesystem/operations.hpp>
#include <set>

#include "pool/map_loop.hpp"
#include "qmr/error.hpp"

namespace qmr::detail {

void MapLoop::take_over(const PastMap& past) {
    is_taken_over_ = is_to_be_told_ = true;
    JB_names_ = past.JB_names;
    for (const AdoptedSubmission& submission : past.submissions)
        if (!submission.is_over) queue_.remember(submission.JB_job_number);
    monitor_.adopt(past.submissions, now(), past.num_submissions);
    begin_behind_what_is_done();
    if (!context_.monitor.is_pulled) return;
    for (const auto& [ichunk, job] : past.freed) monitor_.was_freed(ichunk, job);
    // What claims the dead have left is known before anybody is asked for.
    std::set<std::size_t> live;
    for (const AdoptedSubmission& submission : past.submissions)
        if (!submission.is_over) live.insert(submission.isubmission);
    std::vector<FreeClaim> dead;
    for (const std::size_t ichunk : claims_.taken(context_.monitor.num_chunks)) {
        const auto claimant = claims_.claimant(ichunk);
        if (claimant && !live.contains(claimant->isubmission) && !monitor_.is_reserved(ichunk))
            dead.push_back({ichunk, *claimant});
    }
    for (const FreeClaim& claim : dead) monitor_.was_freed(claim.ichunk, claim.job);
    free_claims(dead);
}

// What the dead have left of chunks is where the next attempts on them begin.
void MapLoop::begin_behind_what_is_done() {
    std::set<std::size_t> begun;
    std::set<std::size_t> committed;
    PartsByChunk parts;
    for (fs::directory_iterator entry(context_.work_dir.path()), end; entry != end; ++entry) {
        const auto file = read_chunk_file_name(entry->path().filename().native());
        if (!file || file->ichunk >= context_.monitor.num_chunks) continue;
        if (file->kind == ChunkFile::Kind::results) committed.insert(file->ichunk);
        if (file->kind == ChunkFile::Kind::part) parts[file->ichunk].push_back(*file->attempt);
        if (file->kind == ChunkFile::Kind::part || file->kind == ChunkFile::Kind::head)
            begun.insert(file->ichunk);
    }
    attempts_.seen(std::move(parts));
    for (const std::size_t ichunk : begun) {
        if (committed.contains(ichunk)) continue;
        context_.require_lease();
        const Attempts::Past past = attempts_.restore(ichunk);
        monitor_.was_done(ichunk, past.num_records);
        num_outcomes_in_parts_ += past.num_records;
        if (past.needs_head) write_head({ichunk, past.num_records, std::nullopt});
    }
}

}  // namespace qmr::detail
