#include "qmr/map_status.hpp"

#include <algorithm>

#include "ground/only_errors.hpp"
#include "pool/chunk_outcomes.hpp"
#include "pool/map_view.hpp"
#include "pool/progress.hpp"
#include "pool/what_next.hpp"
#include "vocabulary/atomic_file.hpp"
#include "vocabulary/file_times.hpp"
#include "vocabulary/job_name.hpp"

namespace qmr {

namespace {

using namespace detail;

constexpr std::size_t enough_of_log = 16384;  // for its last lines

// A file that comes, goes or gets another name changes its directory; others are written to.
Time last_change(const MapView& view, const std::vector<fs::path>& written_to) {
    Time last{};
    for (const fs::path& path : {view.work_dir.path(), view.work_dir.journal(), view.work_dir.log()})
        last = std::max(last, time_of_change(path).value_or(last));
    for (const fs::path& path : written_to) last = std::max(last, time_of_change(path).value_or(last));
    return last;
}

ProcessNode to_process_node(const LeaseSeen& lease, bool is_working) {
    ProcessNode node;
    if (lease.holder) {
        node.host = lease.holder->host;
        node.pid = lease.holder->pid;
        node.begin = lease.holder->since;
    }
    node.last_sign = lease.touched;
    if (lease.is_alive) node.life = *lease.is_alive ? ProcessNode::Life::alive : ProcessNode::Life::gone;
    node.is_working = is_working;
    return node;
}

// None: it is no warning.
std::optional<Notice> read_warning(const std::string& text) {
    const Json line = Json::parse(text, nullptr, false);
    const auto text_at = [&line](const char* key) {
        return line.contains(key) && line[key].is_string() ? line[key].get<std::string>() : std::string();
    };
    if (!line.is_object() || text_at("level") == "info") return std::nullopt;
    const std::string said = text_at("said");
    return Notice{read_timestamp(text_at("t")), text_at("message") + (said.empty() ? said : ": " + said)};
}

std::optional<Notice> read_last_warning(const WorkDir& work_dir) {
    const std::string text = end_of_file(work_dir.log(), enough_of_log);
    for (std::size_t end = text.rfind('\n'); end != std::string::npos && end > 0;) {
        const std::size_t before = text.rfind('\n', end - 1);
        const std::size_t begin = before == std::string::npos ? 0 : before + 1;
        if (auto warning = read_warning(text.substr(begin, end - begin))) return warning;
        end = before;
    }
    return std::nullopt;
}

// Whoever comes to the end of a map gives back its lease. One that is left behind tells of a process that did
// not, though all may be computed.
MapState to_state(const MapStatus& status) {
    if (status.is_worked_on()) return status.num_chunks == 0 ? MapState::preparing : MapState::running;
    const std::size_t num_settled = status.num_chunks_committed + status.num_chunks_given_up;
    if (status.process_node || status.num_chunks == 0 || num_settled < status.num_chunks)
        return MapState::left_alone;
    return status.num_tasks_failed == 0 ? MapState::complete : MapState::complete_with_failures;
}

void count_chunks(const MapView& view, MapStatus& status, std::vector<fs::path>& written_to) {
    for (std::size_t ichunk = 0; ichunk < status.num_chunks; ++ichunk) {
        const ChunkState state = state_of(view, ichunk);
        status.num_chunks_committed += state == ChunkState::committed ? 1U : 0U;
        status.num_chunks_given_up += state == ChunkState::given_up ? 1U : 0U;
        status.num_chunks_running += state == ChunkState::running ? 1U : 0U;
        status.num_chunks_waiting += state == ChunkState::waiting ? 1U : 0U;
        const TaskCounts tasks = count_tasks(view, ichunk, state);
        status.num_tasks_done += tasks.num_settled - tasks.num_failed;
        status.num_tasks_failed += tasks.num_failed;
        if (state != ChunkState::running) continue;
        for (const AttemptFiles& attempt : view.files_of(ichunk).attempts) {
            written_to.push_back(view.work_dir.part(ichunk, attempt.attempt));
            written_to.push_back(view.work_dir.stdout_of(ichunk, attempt.attempt));
            written_to.push_back(view.work_dir.stderr_of(ichunk, attempt.attempt));
        }
    }
    status.num_tasks_left = status.num_tasks - status.num_tasks_done - status.num_tasks_failed;
}

void count_queue_jobs(const MapView& view, MapStatus& status) {
    for (const auto& [isubmission, submission] : view.history.journal.submissions) {
        if (submission.state == JournalSubmission::State::lost) continue;
        ++status.num_submissions;
        status.num_queue_jobs += submission.num_jobs;
    }
}

void add_manifest(const MapView& view, MapStatus& status) {
    const Manifest& manifest = *view.manifest;
    status.session_id = manifest.session_id;
    status.executable = manifest.executable;
    status.batch_system = manifest.batch_system;
    status.jobs = manifest.is_pulled ? Jobs::pull : Jobs::one_per_chunk;
    status.JB_name_prefix = JB_name_prefix(manifest.session_id);
    status.num_tasks = manifest.num_tasks;
    status.num_chunks = manifest.num_chunks;
    status.how_to_go_on = how_to_go_on(manifest, view.work_dir);
    if (const Json data = manifest.options.value("application_data", Json()); data.is_string())
        data.get_to(status.application_data);
}

}  // namespace

MapStatus read_map_status(const std::filesystem::path& work_dir) try {
    const MapView view = look_at_map(work_dir);
    MapStatus status;
    status.work_dir = view.work_dir.path().native();
    if (view.manifest) add_manifest(view, status);
    if (view.lease) status.process_node = to_process_node(*view.lease, view.is_worked_on());
    std::vector<fs::path> written_to;
    count_chunks(view, status, written_to);
    count_queue_jobs(view, status);
    status.state = to_state(status);
    status.begin = view.history.begin;
    status.last_change = last_change(view, written_to);
    const std::optional<Time> begin = view.history.resumed_at ? view.history.resumed_at : status.begin;
    const bool goes_on = status.state == MapState::running || status.state == MapState::preparing;
    if (begin)
        status.elapsed =
            std::max(Seconds{0}, Seconds{(goes_on ? view.seen_at : status.last_change) - *begin});
    status.last_warning = read_last_warning(view.work_dir);
    return status;
} catch (...) {
    rethrow_as_error();
}

std::string progress_line(const MapStatus& status, std::size_t width) {
    Standing standing;
    standing.num_tasks = status.num_tasks;
    standing.num_done = status.num_tasks_done + status.num_tasks_failed;
    standing.num_failed = status.num_tasks_failed;
    standing.counts.running = status.num_chunks_running;
    standing.counts.pending = status.num_chunks_waiting;
    standing.elapsed = status.elapsed;
    return detail::progress_line(standing, width);
}

std::vector<TaskFailure> read_failures(const std::filesystem::path& work_dir) try {
    const MapView view = look_at_map(work_dir);
    std::vector<TaskFailure> all;
    for (std::size_t ichunk = 0; ichunk < view.num_chunks(); ++ichunk) {
        const ChunkState state = state_of(view, ichunk);
        if (count_tasks(view, ichunk, state).num_failed == 0) continue;
        std::vector<TaskFailure> failures =
            failures_of(view, ichunk, state, read_chunk_outcomes(view, ichunk, state).outcomes, all.size());
        std::ranges::move(failures, std::back_inserter(all));
    }
    return all;
} catch (...) {
    rethrow_as_error();
}

}  // namespace qmr
