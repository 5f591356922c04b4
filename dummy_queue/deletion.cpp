#include "dummy_queue/deletion.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <sstream>

namespace qmr::dummy_queue {
namespace {

/// Names may have a dot in them; a job number and a task are digits on both sides of it.
DeletionRequest read_request(const std::string& word) {
    const auto dot = word.find('.');
    const auto task =
        dot == std::string::npos ? std::nullopt : read_number(std::string_view(word).substr(dot + 1));
    if (task && read_number(std::string_view(word).substr(0, dot))) {
        return {word.substr(0, dot), TaskRange{*task, *task, 1}, true};
    }
    return {word, std::nullopt, false};
}

class Deletion {
  public:
    Deletion(State& state, const std::string& user, const ChunksOfJob& chunks_of)
        : state_(state), user_(user), chunks_of_(chunks_of) {}

    void handle(const DeletionRequest& request) {
        if (read_number(request.job)) {
            auto* const job = find_job(state_, *read_number(request.job));
            if (job == nullptr) return fail(fmt::format("denied: job \"{}\" does not exist", request.job));
            return handle(*job, request);
        }
        bool found = false;
        for (auto& job : state_.jobs) {
            const bool is_named =
                job.JB_name() == request.job || fnmatch(request.job.c_str(), job.JB_name().c_str(), 0) == 0;
            if (!is_named || job.JB_owner != user_ || job.is_over()) continue;
            found = true;
            handle(job, request);
        }
        if (!found) fail(fmt::format("The job {} of user(s) {} does not exist", request.job, user_));
    }

    DeletionAnswer answer() {
        remove_jobs_that_are_over(state_);
        return std::move(answer_);
    }

  private:
    void say(const std::string& line) { answer_.out += line + "\n"; }
    void fail(const std::string& line) {
        say(line);
        answer_.exit_code = 1;
    }

    static bool has_task(const Job& job, std::uint64_t task) {
        const auto is_it = [task](const auto& t) { return t.task == task; };
        return job.waiting.contains(task) || job.requeued.contains(task) || job.in_error.contains(task) ||
               std::ranges::any_of(job.running, is_it) || std::ranges::any_of(job.lingering, is_it);
    }

    /// One task is looked up, because thousands of them may stand on one command line.
    static TaskSet tasks_of(const Job& job, const DeletionRequest& request) {
        if (request.is_single_task) {
            const auto task = request.tasks->first;
            return has_task(job, task) ? TaskSet{task} : TaskSet{};
        }
        TaskSet tasks;
        const auto add = [&](std::uint64_t task) {
            if (!request.tasks || request.tasks->contains(task)) tasks.insert(task);
        };
        for (const auto* const some : {&job.waiting, &job.requeued, &job.in_error}) {
            for (const auto task : *some) add(task);
        }
        for (const auto& running : job.running) add(running.task);
        for (const auto& lingering : job.lingering) add(lingering.task);
        return tasks;
    }

    void handle(Job& job, const DeletionRequest& request) {
        const auto number = job.JB_job_number;
        if (job.is_over()) return fail(fmt::format("denied: job \"{}\" does not exist", number));
        if (job.JB_owner != user_) {
            return fail(fmt::format("{} - you do not have the necessary privileges to delete the job \"{}\"",
                                    user_, number));
        }
        const auto tasks = tasks_of(job, request);
        if (tasks.empty() && request.is_single_task) {
            return fail(fmt::format("job \"{}\" task \"{}\" does not exist", number, request.tasks->first));
        }
        if (tasks.empty()) {
            return fail(fmt::format("job \"{}\" task id range \"{}\" comprises no tasks", number,
                                    to_text(*request.tasks)));
        }
        TaskSet waiting;
        for (const auto task : tasks) {
            if (delete_one(job, task)) waiting.insert(task);
        }
        if (!waiting.empty()) say_deleted(job, waiting, request);
    }

    void say_deleted(const Job& job, const TaskSet& waiting, const DeletionRequest& request) {
        const auto number = job.JB_job_number;
        if (!request.tasks) {
            say(fmt::format("{} has deleted job {}", user_, number));
        } else if (waiting.size() == 1) {
            say(fmt::format("{} has deleted job-array task {}.{}", user_, number, *waiting.begin()));
        } else {
            say(fmt::format("{} has deleted job-array tasks {} of job {}", user_,
                            to_text(waiting, job.step()), number));
        }
    }

    /// True when it had no slot; the others are told one by one.
    bool delete_one(Job& job, std::uint64_t task) {
        const auto name = job.is_array() ? fmt::format("job-array task {}.{}", job.JB_job_number, task)
                                         : fmt::format("job {}", job.JB_job_number);
        const auto running = std::ranges::find(job.running, task, &RunningTask::task);
        if (running != job.running.end()) {
            if (running->deleted) {
                // Whoever deleted it before may have been killed on the way to its command.
                answer_.shepherds.push_back(running->shepherd);
                say(fmt::format("{} is already in deletion", name));
                return false;
            }
            say(fmt::format("{} has registered the {} for deletion", user_, name));
            delete_running(job, *running);
            return false;
        }
        const bool is_in_error = job.in_error.erase(task) != 0;
        const bool is_requeued = job.requeued.erase(task) != 0;
        if (job.waiting.erase(task) == 0 && !is_in_error && !is_requeued) {
            say(fmt::format("{} is already in deletion", name));
            return false;
        }
        const std::string word = is_in_error           ? "Eqw"
                                 : is_requeued         ? "Rq"
                                 : job.submission.held ? "hqw"
                                                       : "qw";
        linger_if_a_fault_says_so(job, {task, word, false, job.submitted_at, 0});
        return true;
    }

    void delete_running(Job& job, RunningTask& running) {
        linger_if_a_fault_says_so(job, {running.task, "r", true, running.started_at, 0});
        const bool lingers = !job.lingering.empty() && job.lingering.back().task == running.task;
        if (running.shepherd != 0) {
            answer_.shepherds.push_back(running.shepherd);
            running.deleted = true;
            if (!lingers) return;  // listed as dr until its command is dead
        }
        const auto task = running.task;
        std::erase_if(job.running, [task](const RunningTask& r) { return r.task == task; });
    }

    void linger_if_a_fault_says_so(Job& job, LingeringTask task) {
        const bool may_linger = std::ranges::any_of(
            state_.faults, [](const Fault& f) { return f.kind == FaultKind::lingers && f.is_live(); });
        if (!may_linger) return;
        const auto target = fault_target(state_, job, task.task, chunks_of_);
        const auto ifault = find_fault(state_.faults, FaultKind::lingers, target);
        if (!ifault) return;
        auto& fault = state_.faults[*ifault];
        ++fault.num_fails;
        task.num_calls_left = fault.num_calls;
        if (task.has_slot && fault.as == "dr") task.state_word = "dr";
        job.lingering.push_back(std::move(task));
    }

    State& state_;
    const std::string& user_;
    const ChunksOfJob& chunks_of_;
    DeletionAnswer answer_;
};

}  // namespace

DeletionArguments read_deletion_arguments(std::span<const std::string> arguments) {
    DeletionArguments read;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == "-t") {
            using Verdict = TaskRangeArgument::Verdict;
            const auto range =
                i + 1 < arguments.size() ? read_task_range(arguments[i + 1]) : TaskRangeArgument{};
            if (read.requests.empty() || range.verdict != Verdict::good) {
                read.error =
                    range.verdict == Verdict::several_ranges
                        ? "error: -t option only allows one range specification"
                    : i + 1 < arguments.size()
                        ? fmt::format(
                              "error: found lonely '-t {}' option (The -t option needs a leading job "
                              "name).",
                              arguments[i + 1])
                        : "error: -t option must have a list of task id ranges";
                return read;
            }
            read.requests.back().tasks = range.range;
            read.requests.back().is_single_task = range.range.first == range.range.last;
            ++i;
        } else {
            std::istringstream words(arguments[i]);
            for (std::string word; std::getline(words, word, ',');) {
                if (word.empty()) continue;
                read.requests.push_back(read_request(word));
                if (read_number(read.requests.back().job) == 0U) {
                    read.error = fmt::format("error: ERROR! \"{}\" is an invalid job-task identifier", word);
                    return read;
                }
            }
        }
    }
    return read;
}

DeletionAnswer delete_tasks(State& state, const std::string& user, std::span<const DeletionRequest> requests,
                            const ChunksOfJob& chunks_of) {
    Deletion deletion(state, user, chunks_of);
    for (const auto& request : requests) deletion.handle(request);
    return deletion.answer();
}

}  // namespace qmr::dummy_queue
