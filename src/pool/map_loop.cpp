#include "pool/map_loop.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <chrono>
#include <utility>

#include "adapters/interrupts.hpp"
#include "adapters/lease.hpp"
#include "adapters/manifest.hpp"
#include "adapters/subprocess.hpp"
#include "qmr/error.hpp"
#include "vocabulary/job_name.hpp"

namespace qmr::detail {

MapLoop::MapLoop(LoopContext context, JobQueue& queue, JsonLines& journal, JsonLines& log,
                 ProgressTeller& progress)
    : context_(std::move(context)),
      queue_(queue),
      journal_(journal),
      log_(log),
      progress_(progress),
      claims_(context_.work_dir),
      attempts_(context_.work_dir, session_hash(context_.session_id), context_.tasks_of, context_.num_slots),
      monitor_(context_.monitor),
      pace_(context_.polling_interval),
      pending_watch_(context_.pending_notice),
      begin_(std::chrono::steady_clock::now()) {}

Seconds MapLoop::now() const {
    return std::chrono::steady_clock::now() - begin_;
}

void MapLoop::run(const LoadResult& load, Until until) {
    // Where the queue is looked at, the work_dir is looked at with it.
    if (is_taken_over_ && !queue_.is_polled()) look_into_work_dir(load);
    while (true) {
        context_.require_lease();
        const Counts before = needs_looks() ? monitor_.counts() : Counts{};
        observe(load);
        if (std::exchange(is_to_be_told_, false)) {
            num_tasks_done_before_ = num_tasks_done_;
            progress_.say(fmt::format("going on with the map in {}: {} of {} tasks were done",
                                      context_.work_dir.path().native(),
                                      num_tasks_done_ + num_outcomes_in_parts_, context_.num_tasks));
        }
        const Decisions decisions = decide();
        carry_out(decisions, load);
        deliver_settled();
        tell_why_pending();
        if (progress_.is_due(now())) progress_.tell(standing());
        if (decisions.is_done) return;
        if (until == Until::all_submitted && decisions.submit.empty() && is_all_submitted()) return;
        if (::access(context_.work_dir.cancel().c_str(), F_OK) == 0)
            throw Error("map: cancelled, by somebody else than this process");
        if (const int signal = Interrupts::received(); signal != 0)
            throw Interrupted(fmt::format("map: interrupted by signal {}", signal), signal);
        Seconds wait = Lease::period;
        if (needs_looks()) {
            if (last_look_ == PollingPace::Look::no_news && monitor_.counts() != before)
                last_look_ = PollingPace::Look::news;
            wait = pace_.next(last_look_, last_took_);
        }
        if (decisions.again_at) wait = std::clamp(*decisions.again_at - now(), Seconds{0}, wait);
        ended_ = queue_.wait(wait);
    }
}

bool MapLoop::is_all_submitted() const {
    const bool is_enough =
        context_.monitor.is_pulled ? !monitor_.live_jobs().empty() : monitor_.counts().unsubmitted == 0;
    return is_enough && monitor_.unclear_submissions().empty();
}

bool MapLoop::is_done() const {
    const Counts counts = monitor_.counts();
    return counts.committed + counts.failed == context_.monitor.num_chunks;
}

// Queue jobs of the local cores tell of their end without being asked; not of the chunks that they finish
// before.
bool MapLoop::needs_looks() const {
    return queue_.is_polled() || context_.monitor.is_pulled;
}

void MapLoop::carry_out(const Decisions& decisions, const LoadResult& load) {
    for (const Note& note : decisions.notes) {
        const Json ichunk = note.ichunk ? Json(*note.ichunk) : Json(nullptr);
        log_.write({{"level", "warning"}, {"message", note.text}, {"ichunk", ichunk}});
        Json line{{"event", "resubmit"}, {"ichunk", ichunk}, {"said", note.text}};
        if (note.job) add_attempt(line, *note.job);
        if (note.ichunk && !attempts_.history(*note.ichunk).empty())
            line["attempt"] = to_object(attempts_.history(*note.ichunk).back());
        journal_.write(line);
    }
    tell_resubmissions(decisions.notes);
    for (const std::string& warning : decisions.warnings) {
        log_.write({{"level", "warning"}, {"message", warning}});
        progress_.say(warning);
    }
    for (const GiveUp& chunk : decisions.give_up) give_up(chunk, load);
    if (!decisions.abort.empty()) throw QueueError("map: " + decisions.abort);
    std::vector<QueueJob> to_remove;
    for (const JobKey key : decisions.remove) to_remove.push_back(to_job(key));
    if (const std::string complaint = remove(to_remove); !complaint.empty())
        log_.write(
            {{"level", "warning"}, {"message", "queue jobs could not be deleted yet"}, {"said", complaint}});
    for (const NewHead& head : decisions.heads) write_head(head);
    free_claims(decisions.free);
    submit_all(decisions.submit, load);
}

// Where queue jobs pull, whoever goes on with the map finds the exit record and the claim of such an attempt.
void MapLoop::add_attempt(Json& line, JobKey job) {
    line["isubmission"] = job.isubmission;
    line["index"] = job.index;
}

void MapLoop::submit_all(const std::vector<Submit>& orders, const LoadResult& load) {
    using Kind = SubmitVerdict::Kind;
    Kind last = Kind::accepted;
    bool has_to_decide = false;
    for (const Submit& order : orders) {
        // After a "not now" the others need not be tried; nor when all is to be deleted in a moment. Where
        // nobody answers they wait as well, lest each of them gets lost.
        if (last == Kind::accepted && Interrupts::received() == 0) {
            last = submit(order);
            has_to_decide = has_to_decide || last == Kind::too_large || last == Kind::refused;
            if (last == Kind::refused) last = Kind::accepted;
        } else if (last == Kind::unclear) {
            monitor_.submit_busy(order.isubmission, now());
            last = Kind::busy;
        } else {
            monitor_.submit_put_off(order.isubmission);
        }
    }
    // Smaller ones may be accepted at once. They halve, so this ends; as do chunks of which one is refused.
    if (has_to_decide) carry_out(decide(), load);
}

QueueSubmission MapLoop::to_submission(const Submit& order) {
    const bool is_array = monitor_.is_array();
    const std::optional ichunk(order.jobs.front().front());
    JB_names_[order.isubmission] =
        make_JB_name(context_.session_id, order.isubmission,
                     is_array || context_.monitor.is_pulled ? std::nullopt : ichunk);
    return {order.isubmission, JB_name_of(order.isubmission), order.jobs.size(), is_array,
            order.demand,      order.excluded_hosts};
}

std::vector<std::vector<std::string>> MapLoop::first_commands() {
    std::vector<std::vector<std::string>> commands;
    for (const Submit& order : decide().submit)
        commands.push_back(queue_.submit_command(to_submission(order)));
    return commands;
}

SubmitVerdict::Kind MapLoop::submit(const Submit& order) {
    const QueueSubmission submission = to_submission(order);
    std::vector<JobLine> lines;
    for (const auto& chunks : order.jobs) lines.push_back({chunks, order.is_only});
    write_jobs(context_.work_dir, order.isubmission, lines);
    context_.require_lease();
    // The intention is on disk before the deed, so that a queue job without a line can be found by its name.
    journal_.write({{"event", "submit"},
                    {"isubmission", order.isubmission},
                    {"JB_name", submission.JB_name},
                    {"num_jobs", order.jobs.size()},
                    {"memory", order.demand.memory},
                    {"walltime", order.demand.walltime.count()}},
                   queue_.is_polled() ? JsonLines::Sync::yes : JsonLines::Sync::no);
    if (order.has_claims) hand_over_claims(order);
    const SubmitVerdict verdict = queue_.submit(submission);
    Json line{
        {"event", "submitted"}, {"isubmission", order.isubmission}, {"JB_job_number", verdict.JB_job_number}};
    switch (verdict.kind) {
        case SubmitVerdict::Kind::accepted:
            monitor_.submit_accepted(order.isubmission, verdict.JB_job_number, now());
            break;
        case SubmitVerdict::Kind::busy:
            line["event"] = "busy";
            monitor_.submit_busy(order.isubmission, now());
            progress_.say("the batch system takes no more queue jobs now; trying again: " + verdict.message);
            break;
        case SubmitVerdict::Kind::too_large:
            line["event"] = "too_large";
            monitor_.submit_too_large(order.isubmission, verdict.max_array_size);
            progress_.say(fmt::format("an array of {} queue jobs is too large; trying smaller ones: {}",
                                      order.jobs.size(), verdict.message));
            break;
        case SubmitVerdict::Kind::unclear:
            line["event"] = "unclear";
            monitor_.submit_unclear(order.isubmission, verdict.message, now(), verdict.is_full);
            progress_.say("a submission may have failed; looking for it by name: " + verdict.message);
            break;
        case SubmitVerdict::Kind::refused:
            line["event"] = "refused";
            refused(order, verdict.message);
            break;
    }
    if (!verdict.message.empty()) line["said"] = verdict.message;
    journal_.write(line);
    return verdict.kind;
}

// Where it concerns a few chunks, that ends no map.
void MapLoop::refused(const Submit& order, const std::string& message) {
    if (!order.may_be_refused && order.excluded_hosts.empty()) {
        journal_.write({{"event", "refused"}, {"isubmission", order.isubmission}, {"said", message}});
        throw QueueError("map: the batch system refused the queue jobs: " + message);
    }
    monitor_.submit_refused(order.isubmission, message);
}

std::string MapLoop::remove(const std::vector<QueueJob>& jobs) {
    for (const QueueJob& job : jobs)
        journal_.write({{"event", "delete"},
                        {"isubmission", job.key.isubmission},
                        {"index", job.key.index},
                        {"JB_job_number", job.JB_job_number}});
    return jobs.empty() ? std::string() : queue_.remove(jobs);
}

std::string MapLoop::JB_name_of(std::size_t isubmission) const {
    const auto known = JB_names_.find(isubmission);
    return known != JB_names_.end() ? known->second : make_JB_name(context_.session_id, isubmission);
}

QueueJob MapLoop::to_job(JobKey key) const {
    return {key, monitor_.JB_job_number(key.isubmission), JB_name_of(key.isubmission), monitor_.is_array()};
}

// Of the attempts on a chunk that was given up, one that has something to say.
std::string MapLoop::end_of_stderr(std::size_t ichunk) const {
    const auto file = stderr_files_.find(ichunk);
    return file == stderr_files_.end()
               ? ""
               : end_of_file(context_.work_dir.path() / file->second, max_stderr_kept);
}

// What a queue job of a batch system printed before the worker began, or instead of it.
std::string MapLoop::output_of(JobKey key) const {
    if (!queue_.is_polled()) return {};
    const std::string begin = fmt::format("{}.", number_of_job(monitor_.JB_job_number(key.isubmission)));
    const fs::path directory = context_.work_dir.queue_jobs();
    if (monitor_.is_array())
        return end_of_file(directory / fmt::format("{}{}", begin, key.index), max_stderr_kept);
    // What follows the number is up to the batch system.
    boost::system::error_code ignored;
    for (fs::directory_iterator entry(directory, ignored), last; entry != last; entry.increment(ignored))
        if (entry->path().filename().native().starts_with(begin))
            return end_of_file(entry->path(), max_stderr_kept);
    return {};
}

std::vector<TaskFailure> MapLoop::failures() const {
    std::vector<TaskFailure> all;
    for (const auto& [ichunk, failures] : failures_) all.insert(all.end(), failures.begin(), failures.end());
    return all;
}

Standing MapLoop::standing() const {
    Standing standing{context_.num_tasks, num_tasks_done_, num_tasks_failed_,
                      monitor_.counts(),  now(),           num_tasks_done_before_};
    if (const auto running = queue_.running()) {
        const std::size_t open =
            context_.monitor.num_chunks - standing.counts.committed - standing.counts.failed;
        standing.counts.running = running->size();
        standing.counts.pending = open - std::min(running->size(), open);
        standing.counts.unsubmitted = 0;
    }
    return standing;
}

}  // namespace qmr::detail
