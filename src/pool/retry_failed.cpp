#include "pool/retry_failed.hpp"

#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <map>
#include <vector>

#include "adapters/attempt_record.hpp"
#include "adapters/claims.hpp"
#include "adapters/kept_values.hpp"
#include "vocabulary/atomic_file.hpp"
#include "vocabulary/job_name.hpp"

namespace qmr::detail {

namespace {

/// What there is of a chunk.
struct Left {
    bool has_results = false;
    std::vector<fs::path> parts;
};

std::map<std::size_t, Left> look(const WorkDir& work_dir, std::size_t num_chunks) {
    std::map<std::size_t, Left> chunks;
    for (fs::directory_iterator entry(work_dir.path()), end; entry != end; ++entry) {
        const auto file = read_chunk_file_name(entry->path().filename().native());
        if (!file || file->ichunk >= num_chunks) continue;
        Left& chunk = chunks[file->ichunk];
        if (file->kind == ChunkFile::Kind::results) chunk.has_results = true;
        if (file->kind == ChunkFile::Kind::part) chunk.parts.push_back(entry->path());
    }
    return chunks;
}

/// The outcomes of a chunk that are values, out of all files that have some.
class Merge {
  public:
    Merge(const WorkDir& work_dir, const FileHeader& header, const Left& chunk)
        : num_tasks_(header.num_tasks) {
        if (auto kept = KeptValues::find(work_dir, header)) sources_.push_back(std::move(kept));
        if (chunk.has_results)
            sources_.push_back(std::make_unique<KeptValues>(work_dir.results(header.ichunk), header));
        for (const fs::path& part : chunk.parts)
            sources_.push_back(std::make_unique<KeptValues>(part, header));
    }

    // Gives the number of tasks without a value.
    std::size_t write(RecordWriter& to) {
        const std::string to_be_run = FailureRecord{Cause::exception, "to be run again", {}, {}}.to_json();
        std::size_t num_failed = 0;
        for (std::uint64_t itask = 0; itask < num_tasks_; ++itask) {
            KeptValues* found = nullptr;
            for (const auto& source : sources_)
                if (source->next()) found = source.get();
            if (found != nullptr) {
                copy_record(found->value(), to);
            } else {
                to.write_record(RecordKind::exception, to_be_run);
                ++num_failed;
            }
        }
        return num_failed;
    }

  private:
    std::uint64_t num_tasks_;
    std::vector<std::unique_ptr<KeptValues>> sources_;
};

bool has_failures(const WorkDir& work_dir, const FileHeader& header) {
    KeptValues results(work_dir.results(header.ichunk), header);
    for (std::uint64_t itask = 0; itask < header.num_tasks; ++itask)
        if (!results.next()) return true;
    return false;
}

// Durable when this returns, since the files that the values come from go away next.
std::size_t keep_values(const WorkDir& work_dir, const FileHeader& header, const Left& chunk) {
    const fs::path path = work_dir.kept(header.ichunk);
    const fs::path temporary = path.native() + ".tmp";
    ::unlink(temporary.c_str());
    Descriptor file = create_file(temporary);
    std::vector<std::byte> buffer(std::size_t{1} << 16);
    RecordWriter writer(file.get(), temporary.c_str(), buffer);
    writer.write_header(header);
    const std::size_t num_failed = Merge(work_dir, header, chunk).write(writer);
    writer.finish();
    sync_file(file.get(), temporary);
    close_file(std::move(file), temporary);
    fs::rename(temporary, path);
    sync_directory(work_dir.path());
    return num_failed;
}

}  // namespace

std::size_t retry_failed(OpenMap& map, const MapSize& size) {
    const WorkDir& work_dir = map.names();
    const Claims claims(work_dir);
    std::size_t num_tasks = 0;
    for (const auto& [ichunk, chunk] : look(work_dir, size.num_chunks)) {
        map.work_dir.lease().touch();
        const TaskSpan tasks = size.tasks_of(ichunk);
        const FileHeader header{FileKind::results, session_hash(map.session_id), ichunk, tasks.first,
                                tasks.size};
        if (chunk.has_results && !has_failures(work_dir, header)) continue;
        const std::size_t num_failed = keep_values(work_dir, header, chunk);
        num_tasks += num_failed;
        // In this order: as long as the results are there, the chunk counts as done.
        ::unlink(work_dir.head(ichunk).c_str());
        for (const fs::path& part : chunk.parts) ::unlink(part.c_str());
        if (const auto claimant = claims.claimant(ichunk)) {
            map.journal.write({{"event", "free"},
                               {"ichunk", ichunk},
                               {"isubmission", claimant->isubmission},
                               {"index", claimant->index}});
            ::unlink(work_dir.claim(ichunk).c_str());
        }
        map.journal.write({{"event", "retry"}, {"ichunk", ichunk}, {"num_tasks", num_failed}});
        ::unlink(work_dir.results(ichunk).c_str());
    }
    return num_tasks;
}

}  // namespace qmr::detail
