#include "dummy_queue/chunks_of_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/filesystem/fstream.hpp>
#include <sstream>
#include <string>

namespace qmr::dummy_queue {
namespace fs = boost::filesystem;

fs::path work_dir_of(const Submission& submission) {
    const auto& command = submission.command;
    const bool is_of_pool = submission.is_binary && command.size() >= 2 && read_number(command[1]) &&
                            fs::path(command[0]).filename() == "worker_launcher.sh";
    return is_of_pool ? fs::path(command[0]).parent_path() : fs::path();
}

std::vector<std::uint64_t> chunks_of_job(const Submission& submission, std::uint64_t task) {
    const auto work_dir = work_dir_of(submission);
    if (work_dir.empty()) return {};
    const auto& command = submission.command;
    const auto index =
        submission.array ? std::optional(task) : read_number(command.size() > 2 ? command[2] : "");
    if (!index) return {};

    fs::ifstream file(work_dir / fmt::format("{:06d}.jobs", *read_number(command[1])));
    std::string line;
    for (std::uint64_t iline = 1; std::getline(file, line); ++iline) {
        if (iline != *index) continue;
        std::istringstream words(line);
        std::vector<std::uint64_t> ichunks;
        for (std::uint64_t ichunk = 0; words >> ichunk;) ichunks.push_back(ichunk);
        return ichunks;
    }
    return {};
}

FaultTarget fault_target(const State& state, const Job& job, std::uint64_t task,
                         const ChunksOfJob& chunks_of) {
    FaultTarget target{job.JB_name(), task, {}};
    const bool needs_chunks =
        std::ranges::any_of(state.faults, [](const Fault& fault) { return fault.ichunk && fault.is_live(); });
    if (needs_chunks) target.ichunks = chunks_of(job.submission, task);
    return target;
}

}  // namespace qmr::dummy_queue
