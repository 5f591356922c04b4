#include "pool/take_over.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "adapters/executable.hpp"
#include "adapters/journal_reader.hpp"
#include "decisions/batch_system.hpp"
#include "qmr/error.hpp"
#include "vocabulary/atomic_file.hpp"

namespace qmr::detail {

namespace {

[[noreturn]] void refuse(const WorkDir& work_dir, const std::string& why) {
    throw BadInput(fmt::format("map: can not go on with the map in {}: {}; nothing was submitted",
                               work_dir.path().native(), why));
}

std::string canonical(const std::string& batch_system) {
    const BatchSystem* known = find_batch_system(batch_system);
    return known == nullptr ? batch_system : std::string(known->name);
}

AdoptedSubmission adopt(const WorkDir& work_dir, std::size_t isubmission, const JournalSubmission& past,
                        const Journal& journal) {
    using State = JournalSubmission::State;
    AdoptedSubmission adopted{
        isubmission, past.state == State::over, past.state == State::accepted, past.JB_job_number, {},
        past.demand};
    adopted.deleted = past.deleted;
    for (JobLine& line : read_jobs(work_dir, isubmission)) {
        adopted.is_only = line.is_only;
        adopted.jobs.push_back(std::move(line.chunks));
    }
    if (adopted.jobs.size() != past.num_jobs)
        throw Error(fmt::format("{} has {} lines, and the journal tells of {} queue jobs",
                                work_dir.jobs(isubmission).native(), adopted.jobs.size(), past.num_jobs));
    for (auto& chunks : adopted.jobs)
        std::erase_if(chunks, [&](std::size_t ichunk) {
            const auto first = journal.first_isubmission.find(ichunk);
            return first != journal.first_isubmission.end() && isubmission < first->second;
        });
    return adopted;
}

}  // namespace

PastMap read_past_map(const WorkDir& work_dir, std::size_t num_chunks, bool are_jobs_gone) {
    using State = JournalSubmission::State;
    const fs::path path = work_dir.journal();
    Journal journal = read_journal(read_file(path), num_chunks, path.native());
    PastMap past;
    if (!journal.submissions.empty()) past.num_submissions = journal.submissions.rbegin()->first + 1;
    for (auto& [isubmission, submission] : journal.submissions) {
        if (submission.state == State::lost) continue;
        if (are_jobs_gone) submission.state = State::over;
        past.submissions.push_back(adopt(work_dir, isubmission, submission, journal));
        past.JB_names[isubmission] = std::move(submission.JB_name);
    }
    past.freed = std::move(journal.freed);
    return past;
}

void cut_as(PoolOptions& options, const Manifest& there) {
    options.num_chunks.reset();
    options.chunk_size.reset();
    if (there.chunk_size > 0)
        options.chunk_size = there.chunk_size;
    else
        options.num_chunks = there.num_chunks;
}

PoolOptions options_to_go_on(PoolOptions options, const Manifest& there, const WorkDir& work_dir) {
    if (options.batch_system != "auto" && canonical(options.batch_system) != there.batch_system)
        refuse(work_dir, fmt::format("it was begun on {}, where its queue jobs are, and not on {}",
                                     there.batch_system, options.batch_system));
    options.batch_system = there.batch_system;
    options.jobs = there.is_pulled ? Jobs::pull : Jobs::one_per_chunk;
    cut_as(options, there);
    return options;
}

void require_same_executable(const Manifest& there, const WorkDir& work_dir) {
    if (const std::string own = own_build_id(); there.build_id != own)
        refuse(work_dir,
               fmt::format("the executable was rebuilt since: its build-id is {}, and was {}; use the "
                           "one that began, or map again in another work_dir",
                           own, there.build_id));
}

void require_same_function(const Manifest& there, const Manifest& own, const WorkDir& work_dir) {
    require_same_executable(there, work_dir);
    if (there.function_build_id != own.function_build_id || there.function_offset != own.function_offset)
        refuse(work_dir, "its function is another one, or its tasks have another type");
}

void require_same_number(const Manifest& there, std::size_t num_tasks, const WorkDir& work_dir) {
    if (there.num_tasks != num_tasks)
        refuse(work_dir, fmt::format("it has {} tasks, and not {}", there.num_tasks, num_tasks));
}

void require_same_map(const Manifest& there, const Manifest& own, const WorkDir& work_dir) {
    require_same_function(there, own, work_dir);
    if (there.function_hash != own.function_hash)
        refuse(work_dir, "the data of its function object are other ones");
    require_same_number(there, own.num_tasks, work_dir);
    if (there.num_chunks != own.num_chunks || there.tasks_hash != own.tasks_hash)
        refuse(work_dir, fmt::format("its {} tasks are other ones", there.num_tasks));
}

}  // namespace qmr::detail
