#include "pool/what_next.hpp"

#include <fmt/format.h>

#include <boost/algorithm/string/replace.hpp>

namespace qmr::detail {

namespace {

// What a person can do about it.
std::string advice(Cause cause) {
    switch (cause) {
        case Cause::exception:
            return "Its function threw, or its command failed: mend what it says";
        case Cause::crash:
            return "It ended its process: mend the function or the task";
        case Cause::out_of_memory:
            return "It needs more memory: set QMR_MEMORY, or QMR_MAX_MEMORY where that was the limit";
        case Cause::out_of_time:
            return "It needs more time: set QMR_WALLTIME, or QMR_MAX_WALLTIME where that was the limit, or "
                   "cut the "
                   "tasks into more chunks";
        case Cause::error_state:
            return "The batch system put its queue jobs into the error state: mend what it says";
        case Cause::vanished:
            return "Its queue jobs left the queue without a word: look at queue_jobs/ in the work_dir, and "
                   "at what "
                   "the batch system knows of them";
        case Cause::worker_failure:
            return "The worker could not do its work: mend what it says";
        case Cause::corrupt_result:
            return "Its results could not be read back: look at the disk, or the file server";
        case Cause::binary_changed:
            return "The executable on the worker node is not the one that called map(): leave it as it is "
                   "while "
                   "a map runs, or map again";
    }
    return {};
}

std::string about_failure(const TaskOutlook& outlook) {
    std::string text = "Nothing more is tried";
    if (outlook.is_worked_on) text += " by the process that works on the map";
    text += ". " + advice(outlook.cause.value_or(Cause::worker_failure));
    if (outlook.cause == Cause::binary_changed) return text + ".";
    if (outlook.is_outcome)
        return text +
               fmt::format("; the failed tasks are run again by qmr retry --failed {}.", outlook.work_dir);
    return text + fmt::format("; then go on with the map, which tries it again: {}.", outlook.how_to_go_on);
}

std::string about_waiting(const TaskOutlook& outlook) {
    if (outlook.chunk == ChunkState::running)
        return fmt::format("It runs when the {} task{} before it in its chunk {} done.", outlook.num_before,
                           outlook.num_before == 1 ? "" : "s", outlook.num_before == 1 ? "is" : "are");
    if (outlook.is_local) return "Its chunk runs when a core is free for it.";
    if (!outlook.queue_job.empty())
        return fmt::format("Its chunk runs when the batch system starts queue job {}.", outlook.queue_job);
    return outlook.is_pulled ? "Its chunk is taken by one of the queue jobs, when they come to it."
                             : "A queue job will be submitted for its chunk.";
}

std::string when_left_alone(const TaskOutlook& outlook) {
    std::string text = "Nobody works on the map";
    if (outlook.task == TaskState::running || outlook.chunk == ChunkState::running)
        text += ", though its queue job may still run, and what it computes is kept";
    else if (!outlook.queue_job.empty())
        text += fmt::format(", though queue job {} may still be in the queue, and what it computes is kept",
                            outlook.queue_job);
    return text + fmt::format(". To go on: {}.", outlook.how_to_go_on);
}

}  // namespace

std::string how_to_go_on(const std::string& resume_hint, const std::string& work_dir,
                         const std::string& work_root) {
    using boost::algorithm::replace_all_copy;
    return replace_all_copy(replace_all_copy(resume_hint, "{work_dir}", work_dir), "{}",
                            work_root.empty() ? work_dir : work_root);
}

std::string how_to_go_on(const Manifest& map, const WorkDir& work_dir) {
    const Json hint = map.options.value("resume_hint", Json());
    return how_to_go_on(hint.is_string() ? hint.get<std::string>() : PoolOptions().resume_hint,
                        work_dir.path().native(), map.work_root);
}

std::string what_next(const TaskOutlook& outlook) {
    if (outlook.task == TaskState::failed) return about_failure(outlook);
    if (outlook.task == TaskState::done && outlook.chunk == ChunkState::committed)
        return "Nothing: it has its value.";
    if (outlook.task == TaskState::done)
        return "It has its value, which is kept whatever becomes of the rest of its chunk.";
    if (!outlook.is_worked_on) return when_left_alone(outlook);
    if (outlook.task == TaskState::running) return "It runs.";
    return about_waiting(outlook);
}

}  // namespace qmr::detail
