#include "vocabulary/work_dir.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ground/number.hpp"

namespace qmr::detail {

namespace {

constexpr std::string_view temporary_ending = ".tmp";
constexpr std::string_view lease_begin = "lease.";
constexpr std::string_view results_ending = ".out";
constexpr std::string_view stdout_ending = ".o";
constexpr std::string_view stderr_ending = ".e";
constexpr std::string_view exit_ending = ".exit";
constexpr std::string_view part_ending = ".part";
constexpr std::string_view head_ending = ".head";
constexpr std::string_view kept_ending = ".kept";
constexpr std::string_view chunk_ending = ".chunk";
constexpr std::string_view jobs_ending = ".jobs";
constexpr std::string_view rejected_ending = ".rejected";

fs::path of_chunk(const fs::path& directory, std::size_t ichunk, std::string_view ending) {
    return directory / fmt::format("{:09}{}", ichunk, ending);
}

// Takes an ichunk off the front of `text`: nine digits, or more without a leading zero. "1.out" is not the
// name of a file of chunk 1.
std::optional<std::size_t> take_ichunk(std::string_view& text) {
    const std::string_view whole = text;
    const auto ichunk = take_number<std::size_t>(text);
    const std::size_t num_digits = whole.size() - text.size();
    if (!ichunk || num_digits < 9 || (num_digits > 9 && whole.front() == '0')) return std::nullopt;
    return ichunk;
}

// Takes a number off the front of `text`, without a leading zero: that is how we write them.
std::optional<std::size_t> take_plain_number(std::string_view& text) {
    const bool is_plain = !text.starts_with('0') || text.size() == 1 || text[1] < '0' || text[1] > '9';
    return is_plain ? take_number<std::size_t>(text) : std::nullopt;
}

std::optional<ChunkFile::Kind> kind_of(std::string_view ending) {
    if (ending == results_ending) return ChunkFile::Kind::results;
    if (ending == stdout_ending) return ChunkFile::Kind::stdout_file;
    if (ending == stderr_ending) return ChunkFile::Kind::stderr_file;
    if (ending == exit_ending) return ChunkFile::Kind::exit_record;
    if (ending == part_ending) return ChunkFile::Kind::part;
    if (ending == head_ending) return ChunkFile::Kind::head;
    return std::nullopt;
}

}  // namespace

fs::path WorkDir::lease(std::size_t igeneration) const {
    return path_ / fmt::format("{}{:06}", lease_begin, igeneration);
}

fs::path WorkDir::jobs(std::size_t isubmission) const {
    return path_ / fmt::format("{:06}{}", isubmission, jobs_ending);
}

fs::path WorkDir::claim(std::size_t ichunk) const {
    return of_chunk(claims(), ichunk, "");
}

fs::path WorkDir::chunk(std::size_t ichunk) const {
    return of_chunk(path_, ichunk, chunk_ending);
}
fs::path WorkDir::results(std::size_t ichunk) const {
    return of_chunk(path_, ichunk, results_ending);
}
fs::path WorkDir::stdout_of(std::size_t ichunk) const {
    return of_chunk(path_, ichunk, stdout_ending);
}
fs::path WorkDir::stderr_of(std::size_t ichunk) const {
    return of_chunk(path_, ichunk, stderr_ending);
}

fs::path WorkDir::head(std::size_t ichunk) const {
    return of_chunk(path_, ichunk, head_ending);
}
fs::path WorkDir::kept(std::size_t ichunk) const {
    return of_chunk(path_, ichunk, kept_ending);
}
fs::path WorkDir::part(std::size_t ichunk, const Attempt& attempt) const {
    return of_attempt(ichunk, attempt, part_ending);
}
fs::path WorkDir::stdout_of(std::size_t ichunk, const Attempt& attempt) const {
    return of_attempt(ichunk, attempt, stdout_ending);
}
fs::path WorkDir::stderr_of(std::size_t ichunk, const Attempt& attempt) const {
    return of_attempt(ichunk, attempt, stderr_ending);
}
fs::path WorkDir::exit_record(std::size_t ichunk, const Attempt& attempt) const {
    return of_attempt(ichunk, attempt, exit_ending);
}

fs::path WorkDir::rejected(std::size_t ichunk, std::size_t num_attempts) const {
    return path_ / fmt::format("{:09}.{}{}", ichunk, num_attempts, rejected_ending);
}

fs::path WorkDir::of_attempt(std::size_t ichunk, const Attempt& attempt, std::string_view ending) const {
    return path_ / fmt::format("{:09}.{}-{}-{}{}", ichunk, attempt.job.isubmission, attempt.job.index,
                               attempt.random, ending);
}

std::optional<std::size_t> read_claim_name(std::string_view name) {
    const auto ichunk = take_ichunk(name);
    return name.empty() ? ichunk : std::nullopt;
}

std::optional<std::size_t> read_lease_name(std::string_view name) {
    if (!name.starts_with(lease_begin)) return std::nullopt;
    return read_number<std::size_t>(name.substr(lease_begin.size()));
}

bool is_name_in_work_dir(std::string_view name) {
    const WorkDir names{fs::path()};
    for (const fs::path& path :
         {names.manifest(), names.launcher(), names.script(), names.function(), names.journal(), names.log(),
          names.queue_jobs(), names.claims(), names.cancel(), names.outputs()})
        if (name == path.native() || (name.starts_with(path.native()) && name.ends_with(temporary_ending)))
            return true;
    // NFS gives such names to removed files that are still open.
    if (name.starts_with(".nfs") || read_lease_name(name)) return true;
    if (name.starts_with(lease_begin)) return name.ends_with(temporary_ending);
    if (!take_number<std::size_t>(name) || !name.starts_with('.')) return false;
    constexpr std::array endings{results_ending, stdout_ending,   stderr_ending,   exit_ending,
                                 part_ending,    head_ending,     kept_ending,     chunk_ending,
                                 jobs_ending,    rejected_ending, temporary_ending};
    return std::ranges::any_of(endings, [name](std::string_view ending) { return name.ends_with(ending); });
}

std::optional<ChunkFile> read_chunk_file_name(std::string_view name) {
    ChunkFile file;
    const auto ichunk = take_ichunk(name);
    if (!ichunk || !name.starts_with('.')) return std::nullopt;
    file.ichunk = *ichunk;
    if (const auto kind = kind_of(name)) {
        if (*kind == ChunkFile::Kind::exit_record || *kind == ChunkFile::Kind::part) return std::nullopt;
        file.kind = *kind;
        return file;
    }
    name.remove_prefix(1);
    const auto isubmission = take_plain_number(name);
    if (!isubmission || !name.starts_with('-')) return std::nullopt;
    name.remove_prefix(1);
    const auto index = take_plain_number(name);
    const auto dot = name.find('.');
    if (!index || !name.starts_with('-') || dot == std::string_view::npos) return std::nullopt;
    const auto kind = kind_of(name.substr(dot));
    if (!kind || *kind == ChunkFile::Kind::results || *kind == ChunkFile::Kind::head) return std::nullopt;
    file.kind = *kind;
    file.attempt = Attempt{{*isubmission, *index}, std::string(name.substr(1, dot - 1))};
    return file;
}

}  // namespace qmr::detail
