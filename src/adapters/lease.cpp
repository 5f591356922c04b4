#include "adapters/lease.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "adapters/json_lines.hpp"
#include "ground/host.hpp"
#include "vocabulary/atomic_file.hpp"

namespace qmr::detail {

namespace {

using Clock = std::chrono::steady_clock;

constexpr Seconds shortest_period{1};
constexpr Seconds silence_of_unknown{120};  // of a holder whose lease can not be read

std::optional<std::size_t> newest_generation(const WorkDir& work_dir) {
    std::optional<std::size_t> newest;
    boost::system::error_code error;
    for (fs::directory_iterator entry(work_dir.path(), error), end; !error && entry != end;
         entry.increment(error))
        if (const auto igeneration = read_lease_name(entry->path().filename().native()))
            newest = std::max(newest.value_or(0), *igeneration);
    if (error) throw Error(fmt::format("cannot list {}: {}", work_dir.path().native(), error.message()));
    return newest;
}

// Opening a file is what makes NFS ask for its times anew (nfs(5), close-to-open). None: it is gone.
std::optional<std::pair<std::int64_t, std::int64_t>> time_of_touch(const fs::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return std::nullopt;
    return std::pair<std::int64_t, std::int64_t>(status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

std::string describe(const std::optional<LeaseHolder>& holder) {
    return holder ? fmt::format("process {} on {}", holder->pid, holder->host) : "another process";
}

// On this machine it is known; of another nothing is.
std::optional<bool> is_alive(const std::optional<LeaseHolder>& holder) {
    const std::string machine = machine_id();
    if (!holder || machine.empty() || holder->machine != machine) return std::nullopt;
    return begin_of_process(holder->pid) == holder->begin;
}

// Whether it stays untouched for as long as its holder may be silent.
bool stays_untouched(const fs::path& path, const std::optional<LeaseHolder>& holder) {
    const auto touched = time_of_touch(path);
    const Seconds silence = holder ? Seconds{holder->silence} : silence_of_unknown;
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(silence);
    while (touched && Clock::now() < end) {
        std::this_thread::sleep_for(shortest_period);
        const auto now = time_of_touch(path);
        if (!now) return true;  // given back
        if (now != touched) return false;
    }
    return true;
}

// False: somebody else has made it.
bool make_lease(const WorkDir& work_dir, std::size_t igeneration, Seconds silence) {
    const long pid = ::getpid();
    const Json holder{{"host", host_name()},
                      {"machine", machine_id()},
                      {"pid", pid},
                      {"begin", begin_of_process(pid).value_or(0)},
                      {"silence", silence.count()},
                      {"time", timestamp()}};
    const fs::path path = work_dir.lease(igeneration);
    const fs::path part = path.native() + fmt::format(".{:016x}.tmp", random_bits());
    // Not synced: after a loss of power its holder is gone as well.
    try {
        write_all(create_file(part).get(), to_json_line(holder) + "\n", part);
        return commit_file(part, path) == Commit::done;
    } catch (...) {
        ::unlink(part.c_str());
        throw;
    }
}

}  // namespace

std::optional<LeaseHolder> read_lease(const fs::path& path) {
    try {
        const Json object = Json::parse(read_file(path));
        LeaseHolder holder;
        object.at("host").get_to(holder.host);
        object.at("machine").get_to(holder.machine);
        object.at("pid").get_to(holder.pid);
        holder.begin = number_at(object, "begin");
        object.at("silence").get_to(holder.silence);
        if (object.contains("time")) holder.since = read_timestamp(object.at("time").get<std::string>());
        return holder;
    } catch (const std::exception&) {
        return std::nullopt;  // nobody is named, and the file is watched all the same
    }
}

std::optional<LeaseSeen> look_at_lease(const fs::path& path) {
    const auto touched = time_of_touch(path);
    if (!touched) return std::nullopt;
    using namespace std::chrono;
    LeaseSeen seen{read_lease(path), std::nullopt,
                   system_clock::time_point(duration_cast<system_clock::duration>(
                       seconds(touched->first) + nanoseconds(touched->second)))};
    seen.is_alive = is_alive(seen.holder);
    return seen;
}

bool LeaseSeen::is_fresh(std::chrono::system_clock::time_point now) const {
    return now - touched <= (holder ? Seconds{holder->silence} : silence_of_unknown);
}

Lease::Lease(const WorkDir& work_dir, Seconds silence, const std::function<void(const std::string&)>& on_wait)
    : work_dir_(work_dir) {
    const auto newest = newest_generation(work_dir);
    if (newest) {
        const fs::path path = work_dir.lease(*newest);
        const auto holder = read_lease(path);
        auto alive = is_alive(holder);
        if (!alive) {
            on_wait(fmt::format("{} worked on this map; looking for up to {:.3g} s whether it still does",
                                describe(holder), holder ? holder->silence : silence_of_unknown.count()));
            alive = !stays_untouched(path, holder);
        }
        if (*alive)
            throw BadInput(
                fmt::format("map: {} works on the map in {}; wait for it, or end it; nothing was "
                            "submitted",
                            describe(holder), work_dir.path().native()));
        igeneration_ = *newest + 1;
    }
    if (!make_lease(work_dir, igeneration_, silence))
        throw BadInput(fmt::format("map: {} has just begun to work on the map in {}; nothing was submitted",
                                   describe(read_lease(work_dir.lease(igeneration_))),
                                   work_dir.path().native()));
    touched_ = Clock::now();
    // Whoever comes back from a long sleep finds its own lease gone, whatever its file system remembers.
    if (newest) ::unlink(work_dir.lease(*newest).c_str());
}

Lease::~Lease() {
    if (!is_lost_) ::unlink(work_dir_.lease(igeneration_).c_str());
}

void Lease::touch() {
    if (!is_lost_ && Clock::now() - touched_ < shortest_period) return;
    const fs::path path = work_dir_.lease(igeneration_);
    // Errors of the file system that say nothing about the file leave it as it is: the next touch may work.
    is_lost_ = is_lost_ || (::utimensat(AT_FDCWD, path.c_str(), nullptr, AT_SYMLINK_NOFOLLOW) != 0 &&
                            (errno == ENOENT || errno == ESTALE));
    touched_ = Clock::now();
    if (is_lost_)
        throw LeaseLost(fmt::format(
            "map: another process has taken over the map in {}; this one ends, and leaves the queue "
            "jobs to it",
            work_dir_.path().native()));
}

}  // namespace qmr::detail
