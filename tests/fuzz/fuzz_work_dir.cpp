// The small files in a work_dir, and its names. DIGIT: 0 manifest, 1 `.jobs` (a digit for the line follows),
// 2 name of a file, 3 claim, 4 exit record, 5 about an attempt, 6 failure of a task, 7 journal, 8 head of a
// chunk, 9 lease.

#include <nlohmann/json.hpp>

#include "adapters/attempt_record.hpp"
#include "adapters/chunk_head.hpp"
#include "adapters/claims.hpp"
#include "adapters/journal_history.hpp"
#include "adapters/journal_reader.hpp"
#include "adapters/lease.hpp"
#include "adapters/manifest.hpp"
#include "fuzz/input_file.hpp"

using namespace qmr::detail;
using namespace qmr::fuzz;

namespace {

void read_a_manifest(const std::string& text) {
    fill_file(work_dir().manifest(), text);
    read_or_name(work_dir().manifest(), [] { static_cast<void>(read_manifest(work_dir())); });
}

void read_a_line(Input& input) {
    const unsigned index = input.digit();
    fill_file(work_dir().jobs(0), input.rest());
    read_or_name(work_dir().jobs(0),
                 [&] { require(!read_job(work_dir(), 0, index).chunks.empty(), "a queue job has a chunk"); });
}

fs::path path_of(const ChunkFile& file) {
    const WorkDir& names = work_dir();
    switch (file.kind) {
        case ChunkFile::Kind::results:
            return names.results(file.ichunk);
        case ChunkFile::Kind::stdout_file:
            return file.attempt ? names.stdout_of(file.ichunk, *file.attempt) : names.stdout_of(file.ichunk);
        case ChunkFile::Kind::stderr_file:
            return file.attempt ? names.stderr_of(file.ichunk, *file.attempt) : names.stderr_of(file.ichunk);
        case ChunkFile::Kind::part:
            return names.part(file.ichunk, file.attempt.value());
        case ChunkFile::Kind::head:
            return names.head(file.ichunk);
        case ChunkFile::Kind::exit_record:
            break;
    }
    return names.exit_record(file.ichunk, file.attempt.value());
}

// No two names mean the same file, so a name that is understood is the one that is written.
void read_a_name(const std::string& name) {
    if (name.find('\0') != std::string::npos || name.find('/') != std::string::npos)
        return;  // in no directory
    if (const auto file = read_chunk_file_name(name))
        require(path_of(*file).filename().native() == name, "a name is read as it is written", name);
    if (const auto ichunk = read_claim_name(name))
        require(work_dir().claim(*ichunk).filename().native() == name, "a claim is read as it is written",
                name);
}

void read_a_claim(const std::string& target) {
    const Claims claims(work_dir());
    const fs::path path = work_dir().claim(7);
    ::mkdir(work_dir().claims().c_str(), 0700);
    if (::symlink(target.c_str(), path.c_str()) != 0) return;  // empty, or too long
    const auto claimant = claims.claimant(7);
    require(claims.taken(8) == std::vector<std::size_t>{7}, "a claim is listed");
    claims.free_if_no_claim(7);
    require(claims.taken(8).empty() == !claimant, "what is no claim goes, and a claim stays");
    if (claimant) claims.free(7, *claimant);
    require(claims.taken(8).empty(), "a claim goes");
}

void read_a_journal(const std::string& text) {
    fill_file(work_dir().journal(), text);
    read_or_name(work_dir().journal(), [&] {
        const Journal journal = read_journal(text, 10, work_dir().journal().native());
        for (const auto& [ichunk, job] : journal.freed) require(ichunk < 10, "a chunk is one of the map's");
    });
    // Who looks at a map is told more, and is not told less.
    read_or_name(work_dir().journal(), [&] {
        const JournalHistory history = read_journal_history(text, 10, work_dir().journal().native());
        const Journal journal = read_journal(text, 10, work_dir().journal().native());
        require(history.journal.submissions.size() == journal.submissions.size(),
                "a history has its journal");
        for (const auto& [ichunk, chunk] : history.chunks)
            require(ichunk < 10, "a chunk is one of the map's");
    });
}

void read_a_head(const std::string& text) {
    fill_file(work_dir().head(7), text);
    read_or_name(work_dir().head(7), [] { static_cast<void>(ChunkHead::read(work_dir(), 7)); });
}

void read_a_lease(const std::string& text) {
    fill_file(work_dir().lease(1), text);
    static_cast<void>(read_lease(work_dir().lease(1)));
    static_cast<void>(look_at_lease(work_dir().lease(1)).value().is_fresh({}));
}

template <class Read>
void read_json(const std::string& text, Read read) {
    try {
        static_cast<void>(read(text));
    } catch (const nlohmann::json::exception&) {
        return;  // as the seam says
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    switch (input.digit()) {
        case 0:
            read_a_manifest(input.rest());
            break;
        case 1:
            read_a_line(input);
            break;
        case 2:
            read_a_name(input.rest());
            break;
        case 3:
            read_a_claim(input.rest());
            break;
        case 4:
            read_json(input.rest(), &ExitRecord::from_json);
            break;
        case 5:
            read_json(input.rest(), &AttemptInfo::from_json);
            break;
        case 6:
            read_json(input.rest(), &FailureRecord::from_json);
            break;
        case 7:
            read_a_journal(input.rest());
            break;
        case 8:
            read_a_head(input.rest());
            break;
        default:
            read_a_lease(input.rest());
            break;
    }
    return 0;
}
