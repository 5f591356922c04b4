#include "dummy_queue/late_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/filesystem/operations.hpp>

namespace qmr::dummy_queue {
namespace fs = boost::filesystem;
namespace {

std::string path_of(const Fault& fault, const Submission& submission) {
    if (!fault.path.empty() || !fault.ichunk) return fault.path;
    return (work_dir_of(submission) / fmt::format("{:09d}.out", *fault.ichunk)).native();
}

}  // namespace

void hide_late_files(State& state, const RunOrder& order, const ChunksOfJob& chunks_of) {
    Job job;
    job.submission = order.submission;
    const auto target = fault_target(state, job, order.task, chunks_of);
    const auto was_made_by_another = [&](const Fault& fault) {
        return fault.ichunk && target.work.is_pulling() &&
               !is_claimed(claim_on(target.work, *fault.ichunk), target.work.claimant);
    };
    for (auto& fault : state.faults) {
        if (fault.kind != FaultKind::late_out || !fault.is_live() || !is_aimed_at(fault, target) ||
            was_made_by_another(fault))
            continue;
        if (fault.num_spared < fault.max_num_spared) {
            ++fault.num_spared;
            continue;
        }
        const auto path = path_of(fault, order.submission);
        // A process that goes on with a map refuses a work_dir with names that no map makes.
        const auto hidden_as = fmt::format("{}.late_{}.tmp", path, state.num_starts);
        boost::system::error_code not_there;
        fs::rename(path, hidden_as, not_there);
        if (not_there) continue;
        ++fault.num_fails;
        state.late_files.push_back({path, hidden_as, fault.num_calls});
    }
}

void put_back_late_files(State& state) {
    for (auto& file : state.late_files) {
        if (file.num_calls_left > 0) --file.num_calls_left;
        if (file.num_calls_left > 0) continue;
        boost::system::error_code ignored;
        fs::create_hard_link(file.hidden_as, file.path, ignored);
        fs::remove(file.hidden_as, ignored);
    }
    std::erase_if(state.late_files, [](const LateFile& file) { return file.num_calls_left == 0; });
}

}  // namespace qmr::dummy_queue
