// What becomes of chunks whose attempts ended without a result.

#include <fmt/format.h>

#include <boost/filesystem/operations.hpp>

#include "adapters/subprocess.hpp"
#include "pool/map_loop.hpp"
#include "qmr/error.hpp"

namespace qmr::detail {

// What the monitor decides, once it knows how far those attempts came.
Decisions MapLoop::decide() {
    Decisions decisions = monitor_.decide(now());
    while (!decisions.measure.empty()) {
        for (const Measure& attempt : decisions.measure)
            monitor_.measured(attempt.ichunk, attempts_.measure(attempt), now());
        decisions = monitor_.decide(now());
    }
    return decisions;
}

// One that can not be written costs time only: the next attempt begins where the last one did.
void MapLoop::write_head(const NewHead& order) {
    const ChunkHead& head =
        attempts_.make_head(order, order.failed ? end_of_stderr(order.ichunk) : std::string());
    journal_.write({{"event", "head"},
                    {"ichunk", order.ichunk},
                    {"part", head.part},
                    {"num_records", head.num_records},
                    {"failed", head.failed ? Json(head.failed->message) : Json(nullptr)}});
    try {
        head.write(context_.work_dir, order.ichunk);
    } catch (const Error& bad) {
        log_.write({{"level", "warning"},
                    {"message", "the next attempt can not begin where the last one ended"},
                    {"ichunk", order.ichunk},
                    {"said", bad.what()}});
        static_cast<void>(attempts_.restore(order.ichunk));
        monitor_.was_done(order.ichunk, attempts_.num_in_head(order.ichunk));
    }
}

// Nothing that was computed is lost: tasks that have an outcome keep it.
void MapLoop::give_up(const GiveUp& chunk, const LoadResult& load) {
    std::string message = chunk.message;
    std::string said = end_of_stderr(chunk.ichunk);
    if (const std::string output = output_of(chunk.job); said.empty() && !output.empty()) {
        const std::string last = last_line(output);
        const bool is_explained = chunk.cause == Cause::out_of_memory || chunk.cause == Cause::out_of_time;
        if (!is_explained && message.find(last) == std::string::npos) message += fmt::format(": {}", last);
        said = output;
    }
    if (chunk.num_attempts > 1) message += fmt::format(", in the last of {} attempts", chunk.num_attempts);
    boost::system::error_code ignored;
    if (const auto space = fs::space(context_.work_dir.path(), ignored); !ignored && space.available == 0)
        message += "; the disk that holds the work_dir is full";

    const TaskSpan tasks = context_.tasks_of(chunk.ichunk);
    PartOutcome salvaged = attempts_.salvage(chunk.ichunk, load);
    auto& failures = failures_[chunk.ichunk] = std::move(salvaged.failures);
    const ExitRecord* record = attempts_.exit_record(chunk.ichunk, chunk.job);
    const TaskFailure failure{0,
                              chunk.cause,
                              message,
                              record == nullptr ? "" : record->host,
                              static_cast<int>(chunk.num_attempts),
                              said,
                              attempts_.history(chunk.ichunk)};
    const bool is_in_full = num_tasks_failed_ + failures.size() < max_num_failures_in_full;
    add_failures(failures, failure, {tasks.first + salvaged.num_outcomes, tasks.size - salvaged.num_outcomes},
                 num_tasks_failed_);
    Json line{{"event", "give_up"},  {"ichunk", chunk.ichunk},        {"cause", to_string(chunk.cause)},
              {"said", message},     {"num_failed", failures.size()}, {"num_attempts", chunk.num_attempts},
              {"host", failure.host}};
    if (is_in_full) {
        line["stderr"] = said;
        line["history"] = to_array(failure.history);
    }
    if (monitor_.has_taken(chunk.job, chunk.ichunk)) add_attempt(line, chunk.job);
    journal_.write(line);
    num_tasks_done_ += tasks.size;
    num_tasks_failed_ += failures.size();
}

}  // namespace qmr::detail
