#include "adapters/claims.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/filesystem/operations.hpp>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "ground/number.hpp"
#include "qmr/error.hpp"

namespace qmr::detail {

namespace {

[[noreturn]] void fail(const char* what, const fs::path& path, int error) {
    throw Error(fmt::format("cannot {} {}: {}", what, path.native(), std::generic_category().message(error)));
}

std::string claim_text(JobKey job) {
    return fmt::format("{}.{}", job.isubmission, job.index);
}

std::optional<JobKey> read_claim(std::string_view text) {
    const auto isubmission = take_number<std::size_t>(text);
    if (!isubmission || !text.starts_with('.')) return std::nullopt;
    const auto index = read_number<std::uint64_t>(text.substr(1));
    return index ? std::optional(JobKey{*isubmission, *index}) : std::nullopt;
}

// What a symbolic link says, as far as a claim may be long. None, with errno: it can not be read, or is none.
std::optional<std::string> target_of(const fs::path& path) {
    std::array<char, 64> text{};
    const auto size = ::readlink(path.c_str(), text.data(), text.size());
    if (size < 0) return std::nullopt;
    return std::string(text.data(), static_cast<std::size_t>(size));
}

}  // namespace

bool Claims::take(std::size_t ichunk, JobKey job) const {
    const fs::path path = work_dir_.claim(ichunk);
    if (::symlink(claim_text(job).c_str(), path.c_str()) == 0) return true;
    const int error = errno;
    if (error != EEXIST) fail("make the claim", path, error);
    // A batch system may run a queue job again; and a file server that answers late may be asked twice, and
    // refuse what it has done.
    return claimant(ichunk) == job;
}

void Claims::hand_over(std::size_t ichunk, JobKey to) const {
    const fs::path path = work_dir_.claim(ichunk);
    // No chunk has such a number, so that nobody takes this for a claim; and an old one is no news.
    const fs::path temporary = path.native() + ".tmp";
    ::unlink(temporary.c_str());
    if (::symlink(claim_text(to).c_str(), temporary.c_str()) != 0) fail("make the claim", temporary, errno);
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail("make the claim", path, errno);
}

std::optional<JobKey> Claims::claimant(std::size_t ichunk) const {
    const auto target = target_of(work_dir_.claim(ichunk));
    return target ? read_claim(*target) : std::nullopt;
}

std::vector<std::size_t> Claims::taken(std::size_t num_chunks) const {
    std::vector<std::size_t> all;
    boost::system::error_code error;
    for (fs::directory_iterator entry(work_dir_.claims(), error), end; !error && entry != end;
         entry.increment(error)) {
        const auto ichunk = read_claim_name(entry->path().filename().native());
        if (ichunk && *ichunk < num_chunks) all.push_back(*ichunk);
    }
    if (error) fail("list", work_dir_.claims(), error.value());
    return all;
}

void Claims::free(std::size_t ichunk, JobKey job) const {
    if (claimant(ichunk) == job) remove(ichunk);
}

void Claims::free_if_no_claim(std::size_t ichunk) const {
    const auto target = target_of(work_dir_.claim(ichunk));
    // EINVAL: it is no symbolic link. Other errors of the file system say nothing about it.
    const bool is_claim = target ? read_claim(*target).has_value() : errno != EINVAL;
    if (!is_claim) remove(ichunk);
}

void Claims::remove(std::size_t ichunk) const {
    const fs::path path = work_dir_.claim(ichunk);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail("remove the claim", path, errno);
}

}  // namespace qmr::detail
