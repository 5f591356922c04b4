#include "cli/task_text.hpp"

#include <fmt/format.h>

#include "cli/in_words.hpp"

namespace qmr::cli {

namespace {

std::string describe_queue_job(const AttemptReport& attempt) {
    if (attempt.JB_job_number.empty()) return {};
    if (!attempt.array_index) return "queue job " + attempt.JB_job_number;
    return fmt::format("queue job {}.{}", attempt.JB_job_number, *attempt.array_index);
}

std::string describe_state(const AttemptReport& attempt) {
    switch (attempt.state) {
        case AttemptReport::State::running:
            return "runs";
        case AttemptReport::State::committed:
            return "made the results";
        case AttemptReport::State::failed:
            return attempt.cause ? fmt::format("failed ({})", to_string(*attempt.cause)) : "failed";
        case AttemptReport::State::lost:
            return "runs no more, and left no word why";
    }
    return {};
}

std::string describe(const AttemptReport& attempt, std::size_t num_tasks) {
    std::string text;
    const auto add = [&text](const std::string& more) {
        if (!more.empty()) text += (text.empty() ? "" : ", ") + more;
    };
    add(describe_queue_job(attempt));
    if (!attempt.host.empty()) add("on " + attempt.host);
    if (attempt.begin)
        add("from " + local_time(*attempt.begin));
    else if (attempt.end)
        add("until " + local_time(*attempt.end));
    if (attempt.seconds > 0) add(duration(Seconds{attempt.seconds}));
    if (attempt.peak_memory > 0) add(size(attempt.peak_memory) + " at most");
    text += (text.empty() ? "" : ": ") + describe_state(attempt);
    if (attempt.state != AttemptReport::State::committed && attempt.num_outcomes > 0)
        text += fmt::format(", with {} of {} tasks done", attempt.num_outcomes, num_tasks);
    if (!attempt.message.empty()) text += ": " + attempt.message;
    return text;
}

std::string describe_task(const TaskReport& report) {
    if (!report.failure)
        return fmt::format("Task {} {}", report.itask,
                           report.state == TaskState::done      ? "has its value"
                           : report.state == TaskState::running ? "runs"
                                                                : "waits");
    const TaskFailure& failure = *report.failure;
    std::string text = fmt::format("Task {} failed ({})", report.itask, to_string(failure.cause));
    if (!failure.host.empty()) text += " on " + failure.host;
    return text + ": " + failure.message;
}

std::string describe_chunk(const TaskReport& report) {
    std::string text = fmt::format("chunk {}", report.ichunk);
    if (report.num_tasks > 1)
        text += fmt::format(", with tasks {} to {}", report.first_itask,
                            report.first_itask + report.num_tasks - 1);
    switch (report.chunk_state) {
        case ChunkState::committed:
            return text + ", which has its results";
        case ChunkState::given_up:
            return text + ", which was given up";
        case ChunkState::running:
            text += ", which runs";
            break;
        case ChunkState::waiting:
            text += ", which waits";
            break;
    }
    if (report.num_outcomes == 0) return text;
    return text +
           fmt::format(", with {} of its {} done", report.num_outcomes, count(report.num_tasks, "task"));
}

// A task that threw or ended its process may have been tried more than once in one attempt on its chunk.
std::string describe_tries(const TaskFailure& failure) {
    const bool is_its_own = failure.cause == Cause::exception || failure.cause == Cause::crash;
    if (!is_its_own || failure.history.size() < 2) return {};
    std::string text = fmt::format("It was tried {} times:\n", failure.history.size());
    for (const FailedAttempt& one : failure.history)
        text += fmt::format("  {}{}: {}\n", one.host.empty() ? "" : "on " + one.host + ", ",
                            to_string(one.cause), one.message);
    return text;
}

std::string indented(const std::string& text) {
    std::string lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines += "  " + text.substr(begin, end - begin) + "\n";
        begin = end + 1;
    }
    return lines;
}

}  // namespace

std::string describe_attempts(const TaskReport& report) {
    std::string text;
    for (std::size_t i = 0; i < report.attempts.size(); ++i)
        text += fmt::format("  {}. {}\n", i + 1, describe(report.attempts[i], report.num_tasks));
    return text;
}

std::string explain(const TaskReport& report, const std::optional<Notice>& warning) {
    std::string text = fmt::format("{}.\nIt is in {}.\n", describe_task(report), describe_chunk(report));
    if (report.attempts.empty())
        text += "No attempt on the chunk is known.\n";
    else
        text += "Attempts on the chunk:\n" + describe_attempts(report);
    if (report.failure) {
        text += describe_tries(*report.failure);
        if (!report.failure->end_of_stderr.empty())
            text += "What was printed to stderr last:\n" + indented(report.failure->end_of_stderr);
    }
    const bool is_open = report.state == TaskState::waiting || report.state == TaskState::running;
    if (is_open && warning)
        text +=
            fmt::format("The log said last{}: {}\n",
                        warning->time ? ", " + local_time(*warning->time) : std::string(), warning->message);
    return text + "Next: " + report.next + "\n";
}

}  // namespace qmr::cli
