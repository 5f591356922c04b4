#include "ports/command_queue.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <iterator>

#include "adapters/interrupts.hpp"
#include "qmr/error.hpp"
#include "vocabulary/private_files.hpp"

namespace qmr::detail {

namespace {

// For what would be good to know, and is no news about any queue job.
constexpr Seconds longest_question{10};

// A signal ends a look or a question that takes long, but not those that come after it, when the queue is
// cleaned. A submission is never cut short: nobody would know what became of it.
int cut_by_signal() {
    return Interrupts::received() == 0 ? Interrupts::descriptor() : -1;
}

// That a program can not be started now, for want of processes or since its file server is away, is an answer
// that has not come, and no end of the map.
CommandResult run_or_tell_why_not(const std::vector<std::string>& argv, Seconds time_limit, int cancel,
                                  const std::vector<std::string>& environment) {
    try {
        return run_command(argv, time_limit, cancel, &environment);
    } catch (const Error& bad) {
        CommandResult result;
        result.status.exit_code = -1;
        result.err = bad.what();
        return result;
    }
}

std::string late(const CommandResult& result, const std::string& said) {
    const std::string how = fmt::format("no answer within {:.3g} s", result.took.count());
    return said.empty() ? how : fmt::format("{}: {}", how, said);
}

bool has_said(const CommandResult& result) {
    return (result.out + result.err).find_first_not_of(" \t\n") != std::string::npos;
}

// What a program said, in one line: the first of stderr, or else of stdout, that says something.
std::string one_line(const CommandResult& result) {
    std::string said;
    for (const std::string* text : {&result.err, &result.out}) {
        const auto begin = text->find_first_not_of(" \t\n");
        if (begin != std::string::npos && said.empty())
            said = text->substr(begin, text->find('\n', begin) - begin);
    }
    if (result.timed_out) return late(result, said);
    return said.empty() ? describe(result.status) : said;
}

}  // namespace

ClientAnswer to_answer(const CommandResult& result) {
    const bool ended =
        !result.timed_out && !result.cut_short && result.status.signal == 0 && result.status.exit_code >= 0;
    return {result.status.exit_code, ended, result.out, result.err};
}

std::string why_no_listing(const CommandResult& result) {
    const bool has_failed =
        result.timed_out || result.cut_short || result.status.signal != 0 || result.status.exit_code != 0;
    if (has_failed) return one_line(result);
    return "the answer is no list of queue jobs" +
           (has_said(result) ? ": " + one_line(result) : std::string());
}

CommandQueue::CommandQueue(WorkDir work_dir, CommandQueueOptions options, CommandLog log)
    : work_dir_(std::move(work_dir)), options_(std::move(options)), log_(std::move(log)) {}

CommandResult CommandQueue::run(const std::vector<std::string>& argv, int cancel) const {
    return run(argv, options_.command_time_limit, cancel, options_.environment);
}

CommandResult CommandQueue::run(const std::vector<std::string>& argv, Seconds time_limit, int cancel,
                                const std::vector<std::string>& environment) const {
    CommandResult result = run_or_tell_why_not(argv, time_limit, cancel, environment);
    log_(argv, result);
    return result;
}

CommandResult CommandQueue::ask(const std::vector<std::string>& argv, Seconds time_limit) const {
    return run(argv, std::min(time_limit, options_.command_time_limit), cut_by_signal(),
               options_.environment);
}

SubmitRequest CommandQueue::request_for(const QueueSubmission& submission) const {
    SubmitRequest request = options_.request;
    request.JB_name = submission.JB_name;
    request.memory_bytes = submission.demand.memory;
    request.walltime = submission.demand.walltime;
    request.excluded_hosts = submission.excluded_hosts;
    request.array_size = submission.is_array ? submission.num_jobs : 0;
    std::vector<fs::path> scripts{work_dir_.launcher()};
    if (!options_.batch_system->script.empty()) scripts.insert(scripts.begin(), work_dir_.script());
    for (const fs::path& script : scripts) {
        check_private_file(script);
        request.command.push_back(script.native());
    }
    request.command.push_back(std::to_string(submission.isubmission));
    if (!submission.is_array) request.command.emplace_back("1");
    return request;
}

std::vector<std::string> CommandQueue::submit_command(const QueueSubmission& submission) const {
    return options_.batch_system->submit_command(options_.programs.submit, request_for(submission));
}

SubmitVerdict CommandQueue::submit(const QueueSubmission& submission) {
    const SubmitRequest request = request_for(submission);
    const CommandResult result =
        run_submit(options_.batch_system->submit_command(options_.programs.submit, request));
    SubmitVerdict verdict = options_.batch_system->read_submit_answer(to_answer(result), request.array_size);
    options_.places.submitted(verdict);
    if (verdict.kind != SubmitVerdict::Kind::accepted && result.timed_out)
        verdict.message = late(result, has_said(result) ? verdict.message : std::string());
    return verdict;
}

// Where it fails here, it may have been submitted all the same.
CommandResult CommandQueue::run_submit(const std::vector<std::string>& argv) {
    try {
        return run(argv, options_.command_time_limit, -1, options_.environment_of_submit);
    } catch (...) {
        remember({});
        throw;
    }
}

void CommandQueue::remember(const std::string& JB_job_number) {
    options_.places.remember(JB_job_number);
}

// A listing that leaves out a place is none: what is there would look as if it were gone.
Poll CommandQueue::poll() {
    Poll all{std::vector<ListedJob>(), {}, Seconds{0}};
    for (const std::string& place : options_.places.used()) {
        Poll here = poll(place);
        all.took += here.took;
        if (!here.listing) return {std::nullopt, std::move(here.message), all.took};
        all.listing->insert(all.listing->end(), std::make_move_iterator(here.listing->begin()),
                            std::make_move_iterator(here.listing->end()));
    }
    return all;
}

Poll CommandQueue::poll(const std::string& place) const {
    const CommandResult result =
        run(options_.batch_system->status_command(options_.programs.status, options_.user, place),
            cut_by_signal());
    if (result.cut_short) return {std::nullopt, {}, result.took};
    Poll poll{options_.batch_system->read_status_answer(to_answer(result), options_.name_prefix,
                                                        options_.error_state_indicator, place),
              {},
              result.took};
    if (!poll.listing) poll.message = fmt::format("{}: {}", options_.programs.status, why_no_listing(result));
    return poll;
}

std::string CommandQueue::remove(std::span<const QueueJob> jobs) {
    std::vector<JobToDelete> to_delete;
    for (const QueueJob& job : jobs)
        to_delete.push_back(
            {job.JB_job_number, job.is_array ? std::optional(job.key.index) : std::nullopt, job.JB_name});
    std::string complaint;
    for (const auto& argv : options_.batch_system->delete_commands(options_.programs.remove, to_delete)) {
        const CommandResult result = run(argv);
        if (!options_.batch_system->read_delete_answer(to_answer(result)))
            complaint = fmt::format("{}: {}", options_.programs.remove, one_line(result));
    }
    return complaint;
}

void CommandQueue::remove_by_name(const std::string& JB_name) {
    for (const std::string& place : options_.places.asked_for())
        static_cast<void>(
            run(options_.batch_system->delete_by_name_command(options_.programs.remove, JB_name, place)));
}

std::vector<JobReport> CommandQueue::reasons(const std::string& JB_job_number) {
    const BatchSystem& system = *options_.batch_system;
    const CommandResult result =
        ask(system.reason_command(options_.programs.status, JB_job_number), longest_question);
    return system.read_reason_answer(to_answer(result));
}

AnswerOfQueue CommandQueue::ends(const std::string& JB_job_number, Seconds time_limit) {
    const BatchSystem& system = *options_.batch_system;
    const std::string& program = options_.programs.account;
    if (program.empty()) return {};
    const CommandResult result = ask(system.account_command(program, JB_job_number), time_limit);
    const ClientAnswer answer = to_answer(result);
    if (answer.ended || result.cut_short) return {system.read_account_answer(answer)};
    return {{}, fmt::format("{}: {}", program, one_line(result)), result.timed_out};
}

std::vector<EndedJob> CommandQueue::wait(Seconds at_most) {
    pollfd watched{Interrupts::descriptor(), POLLIN, 0};
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(at_most).count();
    if (Interrupts::received() == 0)
        ::poll(&watched, 1, static_cast<int>(std::clamp<long>(milliseconds, 0, 3'600'000)));
    return {};
}

}  // namespace qmr::detail
