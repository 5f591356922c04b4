#include "pool/map_loop.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <chrono>

#include "adapters/interrupts.hpp"
#include "adapters/manifest.hpp"
#include "adapters/subprocess.hpp"
#include "qmr/error.hpp"
#include "vocabulary/job_name.hpp"

namespace qmr::detail {

namespace {

constexpr std::size_t max_stderr_kept = 2000;
constexpr int num_tries_to_read = 3;
constexpr Seconds wait_without_limit{3600};

bool has_content(const fs::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && status.st_size > 0;
}

}  // namespace

MapLoop::MapLoop(LoopContext context, JobQueue& queue, JsonLines& journal, JsonLines& log, ProgressTeller& progress)
    : context_(std::move(context)),
      queue_(queue),
      journal_(journal),
      log_(log),
      progress_(progress),
      monitor_(context_.monitor),
      pace_(context_.polling_interval),
      begin_(std::chrono::steady_clock::now()) {}

Seconds MapLoop::now() const { return std::chrono::steady_clock::now() - begin_; }

void MapLoop::run(const LoadResult& load) {
    while (true) {
        const Counts before = queue_.is_polled() ? monitor_.counts() : Counts{};
        observe(load);
        Decisions decisions = monitor_.decide(now());
        const bool is_done = decisions.is_done;
        carry_out(std::move(decisions));
        if (progress_.is_due(now())) progress_.tell(standing());
        if (is_done) return;
        if (const int signal = Interrupts::received(); signal != 0)
            throw Interrupted(fmt::format("map: interrupted by signal {}", signal), signal);
        Seconds wait = wait_without_limit;
        if (queue_.is_polled()) {
            if (last_look_ == PollingPace::Look::no_news && monitor_.counts() != before)
                last_look_ = PollingPace::Look::news;
            wait = pace_.next(last_look_, last_took_);
        }
        ended_ = queue_.wait(wait);
    }
}

// The queue is asked before the work_dir is read: what had left the queue then, has its result in there now, as
// far as the file system shows it.
void MapLoop::observe(const LoadResult& load) {
    look_at_ended_jobs(load);
    if (!queue_.is_polled() || chunks_of_jobs_.empty()) return;
    const Poll poll = queue_.poll();
    last_took_ = poll.took;
    look_into_work_dir(load);
    if (poll.listing) {
        last_look_ = PollingPace::Look::no_news;
        last_poll_failure_.clear();
        monitor_.polled(ours(*poll.listing), now());
    } else {
        last_look_ = PollingPace::Look::failed;
        if (poll.message != last_poll_failure_) {
            log_.write({{"level", "warning"}, {"message", "no listing of the queue"}, {"said", poll.message}});
            progress_.say(poll.message + "; trying again");
        }
        last_poll_failure_ = poll.message;
        monitor_.poll_failed(poll.message);
    }
}

void MapLoop::look_at_ended_jobs(const LoadResult& load) {
    std::vector<std::pair<const EndedJob*, std::size_t>> without_results;
    const std::vector<EndedJob> ended = std::exchange(ended_, {});
    for (const EndedJob& job : ended)
        for (const std::size_t ichunk : chunks_of_jobs_.at(job.key.isubmission)[job.key.index - 1])
            if (!has_content(context_.work_dir.results(ichunk)) || !take_results(ichunk, load))
                without_results.emplace_back(&job, ichunk);
    if (without_results.empty()) return;
    // What the workers themselves wrote about it is more to the point, and is taken first.
    look_into_work_dir(load);
    for (const auto& [job, ichunk] : without_results)
        monitor_.attempt_failed(job->key.isubmission, ichunk, Cause::worker_failure, job->message, true);
}

// One listing of the directory: over NFS it refreshes what is known about files, where asking for each would not.
void MapLoop::look_into_work_dir(const LoadResult& load) {
    boost::system::error_code error;
    for (fs::directory_iterator entry(context_.work_dir.path(), error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().native();
        const auto file = read_chunk_file_name(name);
        if (!file || file->ichunk >= context_.monitor.num_chunks) continue;
        if (file->kind == ChunkFile::Kind::results && !monitor_.is_committed(file->ichunk))
            take_results(file->ichunk, load);
        else if (file->kind == ChunkFile::Kind::exit_record && !exit_records_read_.contains(name))
            read_exit_record(*file, name);
        else if (file->kind == ChunkFile::Kind::stderr_file)
            stderr_files_[file->ichunk] = name;
    }
    if (error)
        log_.write({{"level", "warning"}, {"message", "cannot list the work_dir"}, {"said", error.message()}});
}

void MapLoop::read_exit_record(const ChunkFile& file, const std::string& name) {
    exit_records_read_.insert(name);
    try {
        const ExitRecord record = ExitRecord::from_json(read_file(context_.work_dir.path() / name));
        log_.write({{"level", "warning"},
                    {"message", "an attempt failed"},
                    {"ichunk", file.ichunk},
                    {"host", record.host},
                    {"said", record.message}});
        hosts_[file.ichunk] = record.host;
        monitor_.attempt_failed(file.attempt->isubmission, file.ichunk, record.cause,
                                fmt::format("{} on {}", record.message, record.host), record.may_retry);
    } catch (const std::exception& bad) {
        log_.write({{"level", "warning"}, {"message", "an exit record can not be read"}, {"said", bad.what()}});
    }
}

// A file that can not be read now may be readable in a moment (ESTALE, EIO); one that is corrupt stays so.
ChunkOutcome MapLoop::read_patiently(std::size_t ichunk, const LoadResult& load) const {
    for (int itry = 1;; ++itry) {
        try {
            return read_results(context_.work_dir, session_hash(context_.session_id), ichunk,
                                context_.tasks_of(ichunk), load);
        } catch (const CorruptFile&) {
            throw;
        } catch (const Error&) {
            if (itry == num_tries_to_read) throw;
        }
    }
}

// True when the results are in the caller's hands.
bool MapLoop::take_results(std::size_t ichunk, const LoadResult& load) {
    ChunkOutcome outcome;
    try {
        outcome = read_patiently(ichunk, load);
    } catch (const Error& bad) {
        const std::size_t isubmission = monitor_.num_attempts(ichunk);
        ::rename(context_.work_dir.results(ichunk).c_str(),
                 context_.work_dir.rejected(ichunk, isubmission).c_str());
        log_.write({{"level", "error"}, {"message", "results can not be read"}, {"said", bad.what()}});
        journal_.write({{"event", "rejected"}, {"ichunk", ichunk}, {"said", bad.what()}});
        monitor_.rejected(ichunk, bad.what());
        return false;
    }
    settle_streams(ichunk, outcome);
    const std::size_t num_tasks = context_.tasks_of(ichunk).size;
    if (const auto given_up = failures_.find(ichunk); given_up != failures_.end()) {
        num_tasks_done_ -= num_tasks;
        num_tasks_failed_ -= num_tasks;
        failures_.erase(given_up);
    }
    num_tasks_done_ += num_tasks;
    num_tasks_failed_ += outcome.failures.size();
    monitor_.committed(ichunk);
    journal_.write({{"event", "committed"},
                    {"ichunk", ichunk},
                    {"isubmission", outcome.info.attempt.isubmission},
                    {"host", outcome.info.host},
                    {"seconds", outcome.info.seconds},
                    {"peak_memory", outcome.info.peak_memory},
                    {"num_failed", outcome.failures.size()}});
    if (!outcome.failures.empty()) failures_[ichunk] = std::move(outcome.failures);
    return true;
}

// What the attempt printed gets the name of the chunk: of all attempts, this one counts.
void MapLoop::settle_streams(std::size_t ichunk, ChunkOutcome& outcome) {
    const WorkDir& work_dir = context_.work_dir;
    ::rename(work_dir.stdout_of(ichunk, outcome.info.attempt).c_str(), work_dir.stdout_of(ichunk).c_str());
    if (::rename(work_dir.stderr_of(ichunk, outcome.info.attempt).c_str(), work_dir.stderr_of(ichunk).c_str()) == 0)
        has_stderr_ = true;
    if (outcome.failures.empty()) return;
    const std::string said = end_of_file(work_dir.stderr_of(ichunk), max_stderr_kept);
    for (TaskFailure& failure : outcome.failures) {
        failure.num_attempts = static_cast<int>(monitor_.num_attempts(ichunk));
        failure.end_of_stderr = said;
    }
}

std::vector<SeenJob> MapLoop::ours(const std::vector<ListedJob>& listing) {
    std::vector<SeenJob> seen;
    seen.reserve(listing.size());
    for (const ListedJob& job : listing) {
        const auto isubmission = isubmission_of(job.JB_name, context_.session_id);
        if (!isubmission) continue;
        if (job.state == JobState::unknown && unknown_states_.insert(job.state_word).second)
            log_.write({{"level", "warning"},
                        {"message", "a queue job has a state that is not known here; it is left alone"},
                        {"state", job.state_word},
                        {"JB_job_number", job.JB_job_number}});
        seen.push_back({{*isubmission, job.array_index.value_or(1)}, job.JB_job_number, job.state});
    }
    return seen;
}

void MapLoop::carry_out(Decisions decisions) {
    for (const Note& note : decisions.notes) {
        log_.write({{"level", "warning"}, {"message", note.text}, {"ichunk", note.ichunk}});
        journal_.write({{"event", "resubmit"}, {"ichunk", note.ichunk}, {"said", note.text}});
    }
    for (const GiveUp& chunk : decisions.give_up) give_up(chunk);
    if (!decisions.abort.empty()) throw QueueError("map: " + decisions.abort);
    std::vector<QueueJob> to_remove;
    for (const JobKey key : decisions.remove) to_remove.push_back(to_job(key));
    if (const std::string complaint = remove(to_remove); !complaint.empty())
        log_.write({{"level", "warning"}, {"message", "queue jobs could not be deleted yet"}, {"said", complaint}});
    bool is_busy = false;
    for (const Submit& order : decisions.submit) {
        chunks_of_jobs_[order.isubmission] = order.jobs;
        // After a "not now" the others need not be tried; nor when all is to be deleted in a moment.
        if (is_busy || Interrupts::received() != 0) {
            monitor_.submit_busy(order.isubmission, now());
            continue;
        }
        submit(order);
        is_busy = monitor_.JB_job_number(order.isubmission).empty();
    }
}

void MapLoop::submit(const Submit& order) {
    const bool is_array = monitor_.is_array();
    QueueSubmission submission{order.isubmission,
                               make_JB_name(context_.session_id, order.isubmission,
                                            is_array ? std::nullopt : std::optional(order.jobs.front().front())),
                               order.jobs.size(), is_array};
    write_jobs(context_.work_dir, order.isubmission, order.jobs);
    // The intention is on disk before the deed, so that a queue job without a line can be found by its name.
    journal_.write({{"event", "submit"},
                    {"isubmission", order.isubmission},
                    {"JB_name", submission.JB_name},
                    {"num_jobs", order.jobs.size()}},
                   queue_.is_polled() ? JsonLines::Sync::yes : JsonLines::Sync::no);
    const SubmitVerdict verdict = queue_.submit(submission);
    Json line{{"event", "submitted"}, {"isubmission", order.isubmission}, {"JB_job_number", verdict.JB_job_number}};
    switch (verdict.kind) {
        case SubmitVerdict::Kind::accepted:
            monitor_.submit_accepted(order.isubmission, verdict.JB_job_number, now());
            break;
        case SubmitVerdict::Kind::busy:
            line["event"] = "busy";
            monitor_.submit_busy(order.isubmission, now());
            progress_.say("the batch system takes no more queue jobs now; trying again: " + verdict.message);
            break;
        case SubmitVerdict::Kind::unclear:
            line["event"] = "unclear";
            monitor_.submit_unclear(order.isubmission, verdict.message, now());
            progress_.say("a submission may have failed; looking for it by name: " + verdict.message);
            break;
        case SubmitVerdict::Kind::refused:
            journal_.write({{"event", "refused"}, {"isubmission", order.isubmission}, {"said", verdict.message}});
            throw QueueError("map: the batch system refused the queue jobs: " + verdict.message);
    }
    if (!verdict.message.empty()) line["said"] = verdict.message;
    journal_.write(line);
}

std::string MapLoop::remove(const std::vector<QueueJob>& jobs) {
    for (const QueueJob& job : jobs)
        journal_.write({{"event", "delete"},
                        {"isubmission", job.key.isubmission},
                        {"index", job.key.index},
                        {"JB_job_number", job.JB_job_number}});
    return jobs.empty() ? std::string() : queue_.remove(jobs);
}

QueueJob MapLoop::to_job(JobKey key) const {
    return {key, monitor_.JB_job_number(key.isubmission), monitor_.is_array()};
}

void MapLoop::give_up(const GiveUp& chunk) {
    std::string message = chunk.message;
    std::string said = end_of_stderr(chunk.ichunk);
    if (const std::string output = output_of(chunk.job); said.empty() && !output.empty()) {
        message += fmt::format(": {}", last_line(output));
        said = output;
    }
    if (chunk.num_attempts > 1) message += fmt::format(", in the last of {} attempts", chunk.num_attempts);
    boost::system::error_code ignored;
    if (const auto space = fs::space(context_.work_dir.path(), ignored); !ignored && space.available == 0)
        message += "; the disk that holds the work_dir is full";
    journal_.write({{"event", "give_up"},
                    {"ichunk", chunk.ichunk},
                    {"cause", to_string(chunk.cause)},
                    {"said", message}});
    const TaskSpan tasks = context_.tasks_of(chunk.ichunk);
    auto& failures = failures_[chunk.ichunk];
    failures.clear();
    const auto host = hosts_.find(chunk.ichunk);
    for (std::size_t i = 0; i < tasks.size; ++i)
        failures.push_back({tasks.first + i, chunk.cause, message, host == hosts_.end() ? "" : host->second,
                            static_cast<int>(chunk.num_attempts), said});
    num_tasks_done_ += tasks.size;
    num_tasks_failed_ += tasks.size;
}

// Of the attempts on a chunk that was given up, one that has something to say.
std::string MapLoop::end_of_stderr(std::size_t ichunk) const {
    const auto file = stderr_files_.find(ichunk);
    return file == stderr_files_.end() ? "" : end_of_file(context_.work_dir.path() / file->second, max_stderr_kept);
}

// What a queue job of a batch system printed before the worker began, or instead of it.
std::string MapLoop::output_of(JobKey key) const {
    if (!queue_.is_polled()) return {};
    const std::string begin = monitor_.JB_job_number(key.isubmission) + ".";
    const std::string end = fmt::format(".{}", key.index);
    boost::system::error_code ignored;
    for (fs::directory_iterator entry(context_.work_dir.queue_jobs(), ignored), last; entry != last;
         entry.increment(ignored)) {
        const std::string name = entry->path().filename().native();
        if (name.starts_with(begin) && (!monitor_.is_array() || name.ends_with(end)))
            return end_of_file(entry->path(), max_stderr_kept);
    }
    return {};
}

std::vector<TaskFailure> MapLoop::failures() const {
    std::vector<TaskFailure> all;
    for (const auto& [ichunk, failures] : failures_) all.insert(all.end(), failures.begin(), failures.end());
    return all;
}

Standing MapLoop::standing() const {
    Standing standing{context_.num_tasks, num_tasks_done_, num_tasks_failed_, monitor_.counts(), now()};
    if (const auto running = queue_.num_running()) {
        const std::size_t open =
            context_.monitor.num_chunks - standing.counts.committed - standing.counts.failed;
        standing.counts.running = *running;
        standing.counts.pending = open - std::min(*running, open);
        standing.counts.unsubmitted = 0;
    }
    return standing;
}

}  // namespace qmr::detail
