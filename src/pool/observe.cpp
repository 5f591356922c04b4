// What a pass of the loop sees: queue jobs that ended, the listing of the queue, the files in the work_dir.

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>

#include "pool/map_loop.hpp"
#include "qmr/error.hpp"
#include "vocabulary/job_name.hpp"

namespace qmr::detail {

namespace {

constexpr int num_tries_to_read = 3;
constexpr int max_num_tries_of_exit_record = 20;

bool has_content(const fs::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && status.st_size > 0;
}

}  // namespace

// The queue is asked before the work_dir is read: what had left the queue then, has its result in there now,
// as far as the file system shows it.
void MapLoop::observe(const LoadResult& load) {
    if (JB_names_.empty()) return;
    if (!queue_.is_polled()) {
        look_at_ended_jobs(load);
        return;
    }
    const Poll poll = queue_.poll();
    last_took_ = poll.took;
    look_into_work_dir(load);
    if (poll.listing) {
        last_look_ = PollingPace::Look::no_news;
        last_poll_failure_.clear();
        std::vector<SeenJob> listing = ours(*poll.listing);
        add_reasons(listing);
        // Before, a last time about what is then taken for gone; after, about what is missing from now on.
        const Seconds seen_at = now();
        ask_about_missing(seen_at);
        monitor_.polled(listing, seen_at);
        ask_about_missing(seen_at);
    } else if (!poll.message.empty()) {
        last_look_ = PollingPace::Look::failed;
        if (poll.message != last_poll_failure_) {
            log_.write(
                {{"level", "warning"}, {"message", "no listing of the queue"}, {"said", poll.message}});
            progress_.say(poll.message + "; trying again");
        }
        last_poll_failure_ = poll.message;
        monitor_.poll_failed(poll.message);
    }
}

void MapLoop::look_at_ended_jobs(const LoadResult& load) {
    const std::vector<EndedJob> ended = std::exchange(ended_, {});
    const Seconds begin = now();
    last_look_ = PollingPace::Look::no_news;
    bool is_clear = !context_.monitor.is_pulled;
    for (const EndedJob& job : ended)
        for (const std::size_t ichunk : monitor_.open_chunks(job.key))
            if (!has_content(context_.work_dir.results(ichunk)) || !take_results(ichunk, load))
                is_clear = false;
    // What the workers themselves wrote about it is more to the point, and is taken first.
    if (!is_clear) look_into_work_dir(load);
    for (const EndedJob& job : ended)
        monitor_.ended(job.key, job.has_failed, job.message, now(),
                       job.was_killed ? Cause::vanished : Cause::worker_failure);
    for (const JobKey key : queue_.running().value_or(std::vector<JobKey>())) monitor_.runs(key, now());
    last_took_ = now() - begin;
}

// One listing of the directory: over NFS it refreshes what is known about files, where asking for each would
// not.
void MapLoop::look_into_work_dir(const LoadResult& load) {
    PartsByChunk parts;
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
        else if (file->kind == ChunkFile::Kind::part)
            parts[file->ichunk].push_back(*file->attempt);
    }
    if (error)
        log_.write(
            {{"level", "warning"}, {"message", "cannot list the work_dir"}, {"said", error.message()}});
    else
        attempts_.seen(std::move(parts));
    if (context_.monitor.is_pulled) look_at_claims();
}

void MapLoop::read_exit_record(const ChunkFile& file, const std::string& name) {
    try {
        const ExitRecord record = ExitRecord::from_json(read_file(context_.work_dir.path() / name));
        log_.write({{"level", "warning"},
                    {"message", "an attempt failed"},
                    {"ichunk", file.ichunk},
                    {"host", record.host},
                    {"said", record.message}});
        exit_records_read_.insert(name);
        attempts_.ended(file.ichunk, file.attempt->job, record);
        const std::string message = fmt::format("{} on {}", record.message, record.host);
        if (record.signal != 0 && queue_.is_polled())
            monitor_.attempt_killed(file.attempt->job, file.ichunk, message, now());
        else
            monitor_.attempt_failed(file.attempt->job, file.ichunk, record.cause, message, record.may_retry,
                                    now());
    } catch (const std::exception& bad) {
        // Perhaps it can in a moment.
        if (++num_tries_of_exit_records_[name] == max_num_tries_of_exit_record)
            exit_records_read_.insert(name);
        log_.write(
            {{"level", "warning"}, {"message", "an exit record can not be read"}, {"said", bad.what()}});
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

// What is wrong with a file server is over in a while, mostly, and the result is there.
bool MapLoop::may_be_readable_later(std::size_t ichunk) {
    if (!queue_.is_polled()) return false;
    const Seconds since = unreadable_since_.try_emplace(ichunk, now()).first->second;
    return now() - since < context_.monitor.file_system_latency;
}

// True when the results are in the caller's hands.
bool MapLoop::take_results(std::size_t ichunk, const LoadResult& load) {
    if (ichunk < next_to_deliver_) return true;
    context_.require_lease();
    ChunkOutcome outcome;
    try {
        outcome = read_patiently(ichunk, load);
    } catch (const Error& bad) {
        if (dynamic_cast<const CorruptFile*>(&bad) == nullptr && may_be_readable_later(ichunk)) {
            log_.write(
                {{"level", "warning"}, {"message", "results can not be read yet"}, {"said", bad.what()}});
            return false;
        }
        if (monitor_.is_left(ichunk)) look_at_claim(ichunk);
        ::rename(context_.work_dir.results(ichunk).c_str(),
                 context_.work_dir.rejected(ichunk, monitor_.num_attempts(ichunk)).c_str());
        log_.write({{"level", "error"}, {"message", "results can not be read"}, {"said", bad.what()}});
        journal_.write({{"event", "rejected"}, {"ichunk", ichunk}, {"said", bad.what()}});
        monitor_.rejected(ichunk, bad.what());
        return false;
    }
    monitor_.committed(ichunk, outcome.info.attempt.job, outcome.info.host, Seconds{outcome.info.seconds});
    settle_streams(ichunk, outcome);
    const std::size_t num_tasks = context_.tasks_of(ichunk).size;
    if (const auto given_up = failures_.find(ichunk); given_up != failures_.end()) {
        num_tasks_done_ -= num_tasks;
        num_tasks_failed_ -= given_up->second.size();
        failures_.erase(given_up);
    }
    attempts_.forget(ichunk);
    num_tasks_done_ += num_tasks;
    num_tasks_failed_ += outcome.failures.size();
    journal_.write({{"event", "committed"},
                    {"ichunk", ichunk},
                    {"isubmission", outcome.info.attempt.job.isubmission},
                    {"index", outcome.info.attempt.job.index},
                    {"host", outcome.info.host},
                    {"seconds", outcome.info.seconds},
                    {"peak_memory", outcome.info.peak_memory},
                    {"num_failed", outcome.failures.size()},
                    {"num_attempts", monitor_.num_attempts(ichunk)}});
    if (!outcome.failures.empty()) failures_[ichunk] = std::move(outcome.failures);
    return true;
}

// What the attempt printed gets the name of the chunk: of all attempts, this one counts.
void MapLoop::settle_streams(std::size_t ichunk, ChunkOutcome& outcome) {
    const WorkDir& work_dir = context_.work_dir;
    ::rename(work_dir.stdout_of(ichunk, outcome.info.attempt).c_str(), work_dir.stdout_of(ichunk).c_str());
    const bool is_new = ::rename(work_dir.stderr_of(ichunk, outcome.info.attempt).c_str(),
                                 work_dir.stderr_of(ichunk).c_str()) == 0;
    // A process before this one may have seen to it.
    if (is_new || (is_taken_over_ && has_content(work_dir.stderr_of(ichunk)))) has_stderr_ = true;
    if (outcome.failures.empty()) return;
    const std::string said = end_of_file(work_dir.stderr_of(ichunk), max_stderr_kept);
    for (TaskFailure& failure : outcome.failures) {
        failure.num_attempts = static_cast<int>(monitor_.num_attempts(ichunk));
        if (failure.end_of_stderr.empty()) failure.end_of_stderr = said;
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

}  // namespace qmr::detail
