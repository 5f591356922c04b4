#include "dummy_queue/chunks_of_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/filesystem/fstream.hpp>
#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

namespace qmr::dummy_queue {
namespace fs = boost::filesystem;
namespace {

bool do_jobs_pull(const fs::path& work_dir) {
    fs::ifstream file(work_dir / "manifest.json");
    const auto manifest = nlohmann::json::parse(file, nullptr, false);
    return manifest.is_object() && manifest.value("jobs", nlohmann::json()) == "pull";
}

void add_claimed(WorkOfJob& work) {
    boost::system::error_code ignored;
    for (fs::directory_iterator claim(work.claims, ignored), end; claim != end; claim.increment(ignored)) {
        const auto ichunk = read_number(claim->path().filename().native());
        if (ichunk && is_claimed(claim->path().native(), work.claimant)) work.ichunks.push_back(*ichunk);
    }
}

}  // namespace

fs::path work_dir_of(const Submission& submission) {
    const auto& command = submission.command;
    const bool is_of_pool = submission.is_binary && command.size() >= 2 && read_number(command[1]) &&
                            fs::path(command[0]).filename() == "worker_launcher.sh";
    return is_of_pool ? fs::path(command[0]).parent_path() : fs::path();
}

WorkOfJob chunks_of_job(const Submission& submission, std::uint64_t task) {
    const auto work_dir = work_dir_of(submission);
    if (work_dir.empty()) return {};
    const auto& command = submission.command;
    const auto index =
        submission.array ? std::optional(task) : read_number(command.size() > 2 ? command[2] : "");
    if (!index) return {};

    const std::uint64_t isubmission = *read_number(command[1]);
    fs::ifstream file(work_dir / fmt::format("{:06d}.jobs", isubmission));
    std::string line;
    for (std::uint64_t iline = 1; std::getline(file, line); ++iline)
        if (iline == *index) break;
    if (!file) return {};
    WorkOfJob work;
    std::istringstream words(line);
    for (std::uint64_t ichunk = 0; words >> ichunk;) work.ichunks.push_back(ichunk);
    if (!line.ends_with(" only") && do_jobs_pull(work_dir)) {
        work.claims = (work_dir / "claims").native();
        work.claimant = fmt::format("{}.{}", isubmission, *index);
        add_claimed(work);
    }
    return work;
}

std::string claim_on(const WorkOfJob& work, std::uint64_t ichunk) {
    return fmt::format("{}/{:09d}", work.claims, ichunk);
}

bool is_claimed(const std::string& claim, const std::string& claimant) {
    boost::system::error_code not_there;
    return fs::read_symlink(claim, not_there) == claimant;
}

FaultTarget fault_target(const State& state, const Job& job, std::uint64_t task,
                         const ChunksOfJob& chunks_of) {
    FaultTarget target{job.JB_name(), task};
    const bool needs_chunks =
        std::ranges::any_of(state.faults, [](const Fault& fault) { return fault.ichunk && fault.is_live(); });
    if (needs_chunks) target.work = chunks_of(job.submission, task);
    return target;
}

}  // namespace qmr::dummy_queue
