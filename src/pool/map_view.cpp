#include "pool/map_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/filesystem/operations.hpp>

#include "ground/standard_streams.hpp"
#include "qmr/error.hpp"
#include "vocabulary/chunking.hpp"
#include "vocabulary/current_directory.hpp"
#include "vocabulary/job_name.hpp"
#include "vocabulary/private_files.hpp"

namespace qmr::detail {

namespace {

[[noreturn]] void refuse_to_look_at(const fs::path& path, const std::string& why) {
    throw BadInput(fmt::format("{} is no work_dir that can be looked at: {}", path.native(), why));
}

bool is_there(const fs::path& path) {
    boost::system::error_code ignored;
    return fs::symlink_status(path, ignored).type() == fs::regular_file;
}

bool has_lease(const fs::path& path) {
    for (fs::directory_iterator entry(path), end; entry != end; ++entry)
        if (read_lease_name(entry->path().filename().native())) return true;
    return false;
}

void require_own_work_dir(const WorkDir& work_dir) {
    const fs::path& path = work_dir.path();
    if (const std::string why_not = why_not_own_directory(path); !why_not.empty())
        refuse_to_look_at(path, "it " + why_not);
    if (!is_there(work_dir.manifest()) && !is_there(work_dir.journal()) && !has_lease(path))
        refuse_to_look_at(path, "there is neither a manifest.json nor a lease in it");
    check_ownership(path);
}

Manifest read_sound_manifest(const WorkDir& work_dir) {
    Manifest manifest = read_manifest(work_dir);
    const bool is_sound =
        manifest.num_chunks > 0 && manifest.num_chunks <= manifest.num_tasks &&
        (manifest.chunk_size == 0 ||
         manifest.num_chunks == num_chunks_for_size(manifest.num_tasks, manifest.chunk_size));
    if (!is_sound)
        throw Error(fmt::format("{} tells of {} tasks in {} chunks", work_dir.manifest().native(),
                                manifest.num_tasks, manifest.num_chunks));
    return manifest;
}

AttemptFiles& files_of_attempt(ChunkFiles& chunk, const Attempt& attempt) {
    const auto known = std::ranges::find(chunk.attempts, attempt, &AttemptFiles::attempt);
    if (known != chunk.attempts.end()) return *known;
    chunk.attempts.push_back({attempt});
    return chunk.attempts.back();
}

void add(ChunkFiles& chunk, const ChunkFile& file) {
    using Kind = ChunkFile::Kind;
    if (!file.attempt) {
        chunk.has_results |= file.kind == Kind::results;
        chunk.has_stdout |= file.kind == Kind::stdout_file;
        chunk.has_stderr |= file.kind == Kind::stderr_file;
        return;
    }
    AttemptFiles& attempt = files_of_attempt(chunk, *file.attempt);
    attempt.has_part |= file.kind == Kind::part;
    attempt.has_exit_record |= file.kind == Kind::exit_record;
    attempt.has_stdout |= file.kind == Kind::stdout_file;
    attempt.has_stderr |= file.kind == Kind::stderr_file;
}

// What the journal tells is older, so that what both know of is settled.
void list_files(MapView& view) {
    std::optional<std::size_t> igeneration;
    for (fs::directory_iterator entry(view.work_dir.path()), end; entry != end; ++entry) {
        const std::string name = entry->path().filename().native();
        if (const auto lease = read_lease_name(name))
            igeneration = std::max(igeneration.value_or(0), *lease);
        else if (const auto file = read_chunk_file_name(name); file && file->ichunk < view.num_chunks())
            add(view.files[file->ichunk], *file);
    }
    if (igeneration) view.lease = look_at_lease(view.work_dir.lease(*igeneration));
}

std::optional<Manifest> find_manifest(const WorkDir& work_dir) {
    require_own_work_dir(work_dir);
    if (!is_there(work_dir.manifest())) return std::nullopt;
    return read_sound_manifest(work_dir);
}

// Whatever stands in the way is said of the directory.
template <class Look>
auto looking_at(const WorkDir& work_dir, Look look) {
    try {
        return look();
    } catch (const BadInput&) {
        throw;
    } catch (const std::exception& bad) {
        refuse_to_look_at(work_dir.path(), bad.what());
    }
}

void look(MapView& view) {
    const WorkDir& work_dir = view.work_dir;
    view.manifest = find_manifest(work_dir);
    if (view.manifest) {
        const fs::path journal = work_dir.journal();
        view.history = read_journal_history(read_file(journal), view.num_chunks(), journal.native());
        view.freed.insert(view.history.journal.freed.begin(), view.history.journal.freed.end());
    }
    list_files(view);
}

}  // namespace

const ChunkFiles& MapView::files_of(std::size_t ichunk) const {
    static const ChunkFiles none;
    const auto found = files.find(ichunk);
    return found == files.end() ? none : found->second;
}

const ChunkPast& MapView::past_of(std::size_t ichunk) const {
    static const ChunkPast none;
    const auto found = history.chunks.find(ichunk);
    return found == history.chunks.end() ? none : found->second;
}

FileHeader MapView::header_of(std::size_t ichunk) const {
    const TaskSpan tasks = manifest->tasks_of(ichunk);
    return {FileKind::results, session_hash(manifest->session_id), ichunk, tasks.first, tasks.size};
}

bool MapView::is_worked_on() const {
    return lease && lease->is_alive.value_or(lease->is_fresh(seen_at));
}

// Workers of the local cores die with their process node.
bool MapView::may_run(std::size_t ichunk, const AttemptFiles& attempt) const {
    if (!attempt.has_part || attempt.has_exit_record) return false;
    const JobKey job = attempt.attempt.job;
    if (is_local() && (!is_worked_on() || job.isubmission < history.first_isubmission)) return false;
    const Journal& journal = history.journal;
    if (const auto submission = journal.submissions.find(job.isubmission);
        submission != journal.submissions.end()) {
        using State = JournalSubmission::State;
        const JournalSubmission& past = submission->second;
        if (past.state == State::lost || past.state == State::over || past.deleted.contains(job.index))
            return false;
    }
    if (manifest->is_pulled) return !freed.contains({ichunk, job});
    const auto first = journal.first_isubmission.find(ichunk);
    return first == journal.first_isubmission.end() || job.isubmission >= first->second;
}

WorkDir work_dir_at(const std::filesystem::path& path) {
    // For this nobody needs qmr::init().
    occupy_standard_streams();
    return WorkDir(without_end(absolute_path(path.native())));
}

std::optional<Manifest> read_own_manifest(const WorkDir& work_dir) {
    return looking_at(work_dir, [&] { return find_manifest(work_dir); });
}

MapView look_at_map(const std::filesystem::path& work_dir) {
    MapView view{work_dir_at(work_dir), {}, {}, {}, {}, {}, std::chrono::system_clock::now()};
    looking_at(view.work_dir, [&] { look(view); });
    return view;
}

}  // namespace qmr::detail
