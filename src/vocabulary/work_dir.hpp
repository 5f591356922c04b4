#pragma once
// Every name in a work_dir, and nothing else knows them. docs/work_dir.md tells what the files hold.

#include <boost/filesystem/path.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vocabulary/job_key.hpp"

namespace qmr::detail {

namespace fs = boost::filesystem;

/// One run of a worker on one chunk: by which queue job, and a random part, since a batch system may start a
/// queue job twice.
struct Attempt {
    JobKey job;
    std::string random;

    friend bool operator==(const Attempt&, const Attempt&) = default;
};

/// What the names of work_dirs begin with that nobody named.
inline constexpr const char* work_dir_begin = ".qmr_";

class WorkDir {
  public:
    explicit WorkDir(fs::path path) : path_(std::move(path)) {}

    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

    [[nodiscard]] fs::path manifest() const { return path_ / "manifest.json"; }
    [[nodiscard]] fs::path launcher() const { return path_ / "worker_launcher.sh"; }
    /// Runs its arguments; only there for a batch system that takes nothing but scripts.
    [[nodiscard]] fs::path script() const { return path_ / "queue_job.sh"; }
    [[nodiscard]] fs::path function() const { return path_ / "function.bin"; }
    [[nodiscard]] fs::path journal() const { return path_ / "journal.jsonl"; }
    [[nodiscard]] fs::path log() const { return path_ / "log.jsonl"; }

    /// While it is there, whoever works on the map is to leave.
    [[nodiscard]] fs::path cancel() const { return path_ / "cancel"; }

    /// Who works on the map, see Lease: the highest generation counts.
    [[nodiscard]] fs::path lease(std::size_t igeneration) const;

    /// Where a function may keep files of its own; the library does not look into it.
    [[nodiscard]] fs::path outputs() const { return path_ / "outputs"; }

    /// What queue jobs print outside the worker: messages of the launcher, the shell, the loader, a prolog.
    [[nodiscard]] fs::path queue_jobs() const { return path_ / "queue_jobs"; }

    /// The ichunks of each queue job of a submission, one line for each array index.
    [[nodiscard]] fs::path jobs(std::size_t isubmission) const;

    /// Where queue jobs that pull chunks take them, see Claims.
    [[nodiscard]] fs::path claims() const { return path_ / "claims"; }
    [[nodiscard]] fs::path claim(std::size_t ichunk) const;

    [[nodiscard]] fs::path chunk(std::size_t ichunk) const;
    [[nodiscard]] fs::path results(std::size_t ichunk) const;
    [[nodiscard]] fs::path stdout_of(std::size_t ichunk) const;
    [[nodiscard]] fs::path stderr_of(std::size_t ichunk) const;

    /// Where the next attempt on a chunk begins, when that is not at its first task, see ChunkHead.
    [[nodiscard]] fs::path head(std::size_t ichunk) const;

    /// The values that a chunk has whose failed tasks are run again, see KeptValues.
    [[nodiscard]] fs::path kept(std::size_t ichunk) const;

    /// Files of one attempt, until they are committed under the names above.
    [[nodiscard]] fs::path part(std::size_t ichunk, const Attempt& attempt) const;
    [[nodiscard]] fs::path stdout_of(std::size_t ichunk, const Attempt& attempt) const;
    [[nodiscard]] fs::path stderr_of(std::size_t ichunk, const Attempt& attempt) const;
    /// How the attempt ended, when it did not commit.
    [[nodiscard]] fs::path exit_record(std::size_t ichunk, const Attempt& attempt) const;

    /// Where a result file goes that could not be read.
    [[nodiscard]] fs::path rejected(std::size_t ichunk, std::size_t num_attempts) const;

  private:
    [[nodiscard]] fs::path of_attempt(std::size_t ichunk, const Attempt& attempt,
                                      std::string_view ending) const;

    fs::path path_;
};

/// What a name in a work_dir says about a chunk.
struct ChunkFile {
    enum class Kind { results, stdout_file, stderr_file, exit_record, part, head };
    Kind kind = Kind::results;
    std::size_t ichunk = 0;
    std::optional<Attempt> attempt;  ///< none: committed, or a head
};

/// The chunk of a claim by the name of its file. None: it is no claim.
[[nodiscard]] std::optional<std::size_t> read_claim_name(std::string_view name);

/// The generation of a lease by the name of its file. None: it is no lease.
[[nodiscard]] std::optional<std::size_t> read_lease_name(std::string_view name);

/// Whether a map makes files of this name in its work_dir.
[[nodiscard]] bool is_name_in_work_dir(std::string_view name);

/// None: the name is of no interest to the pool.
[[nodiscard]] std::optional<ChunkFile> read_chunk_file_name(std::string_view name);

}  // namespace qmr::detail
