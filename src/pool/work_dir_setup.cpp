#include "pool/work_dir_setup.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <cerrno>
#include <system_error>
#include <vector>

#include "qmr/error.hpp"
#include "vocabulary/private_files.hpp"

namespace qmr::detail {

namespace {

[[noreturn]] void refuse_to_use(const fs::path& path, const std::string& why) {
    throw BadInput(fmt::format("map: the work_dir {} {}; nothing was submitted", path.native(), why));
}

std::string last_error() {
    return std::generic_category().message(errno);
}

void require_usable(const fs::path& path, OwnedWorkDir::Begin begin) {
    boost::system::error_code error;
    const bool is_empty = fs::is_empty(path, error);
    if (error) refuse_to_use(path, "can not be read: " + error.message());
    if (is_empty) return;
    if (begin == OwnedWorkDir::Begin::empty)
        refuse_to_use(
            path,
            "is not empty; remove it or choose another, or go on with the map in it by the option resume");
    if (const std::string why_not = why_not_only_ours(path); !why_not.empty()) refuse_to_use(path, why_not);
}

// Whatever the umask is. Others may have put something into it before.
void close_to_others(const fs::path& path, OwnedWorkDir::Begin begin) {
    const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (directory.get() < 0 || ::fchmod(directory.get(), S_IRWXU) != 0)
        refuse_to_use(path, "can not be closed to others: " + last_error());
    require_usable(path, begin);
}

// NFS keeps a removed file that is open somewhere under such a name.
bool is_lease_or_removed(std::string_view name) {
    return read_lease_name(name).has_value() || name.starts_with(".nfs");
}

void require_own_directory(const fs::path& path) {
    if (const std::string why_not = why_not_own_directory(path); !why_not.empty())
        refuse_to_use(path, why_not);
}

void require_writable(const fs::path& path) {
    if (::access(path.c_str(), W_OK) != 0) refuse_to_use(path, "can not be written to");
}

bool is_name_taken(const fs::path& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0;
}

// Of a path where nothing is: the directory in which the first one has to be made.
fs::path require_makeable(const fs::path& path) {
    struct stat status {};
    fs::path above = path;
    while (::stat(above.c_str(), &status) != 0) {
        if (errno != ENOENT || !above.has_parent_path())
            refuse_to_use(path, "can not be made: " + last_error());
        above = above.parent_path();
    }
    if (::access(above.c_str(), W_OK | X_OK) != 0) refuse_to_use(path, "can not be made: " + last_error());
    return above;
}

// True: the directory was not there.
bool make_or_take(const fs::path& path, OwnedWorkDir::Begin begin) {
    if (!is_name_taken(path)) require_makeable(path);
    boost::system::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) refuse_to_use(path, "can not be made: " + error.message());
    if (::mkdir(path.c_str(), 0700) == 0) return true;
    if (errno != EEXIST) refuse_to_use(path, "can not be made: " + last_error());
    require_own_directory(path);
    require_usable(path, begin);
    require_writable(path);
    return false;
}

bool has_manifest(const WorkDir& names) {
    boost::system::error_code error;
    const auto manifest = fs::status(names.manifest(), error).type();
    if (manifest == fs::status_error) refuse_to_use(names.path(), "can not be read: " + error.message());
    return manifest != fs::file_not_found;
}

}  // namespace

std::string why_not_executable(const fs::path& path) {
    struct statvfs status {};
    if (::statvfs(path.c_str(), &status) == 0 && (status.f_flag & ST_NOEXEC) != 0)
        return "lies on a file system where no program can be started (noexec)";
    return {};
}

std::string why_not_only_ours(const fs::path& path) {
    boost::system::error_code error;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
        struct stat status {};
        const std::string name = entry->path().filename().native();
        if (!is_name_in_work_dir(name)) return fmt::format("holds {}, which is of no map", name);
        // NFS may have removed it meanwhile.
        if (::lstat(entry->path().c_str(), &status) != 0) continue;
        if (S_ISLNK(status.st_mode) || status.st_uid != ::geteuid())
            return fmt::format("holds {}, which is a symbolic link, or somebody else's", name);
    }
    return error ? "can not be read: " + error.message() : std::string();
}

bool check_work_dir(const WorkDir& names, OwnedWorkDir::Begin begin) {
    const fs::path& path = names.path();
    const bool can_be_taken = is_name_taken(path);
    const bool may_have_map = can_be_taken && begin == OwnedWorkDir::Begin::as_it_is;
    if (can_be_taken) require_own_directory(path);
    if (may_have_map) require_usable(path, begin);
    if (can_be_taken) require_writable(path);
    const std::string why_not = why_not_executable(can_be_taken ? path : require_makeable(path));
    if (!why_not.empty()) refuse_to_use(path, why_not);
    return may_have_map && has_manifest(names);
}

OwnedWorkDir::OwnedWorkDir(const fs::path& given, Begin begin)
    : names_(without_end(given)), is_made_(make_or_take(names_.path(), begin)) {}

// From the first line on there is something that the destructor takes away.
OwnedWorkDir::OwnedWorkDir(const fs::path& given, Begin begin, Seconds silence,
                           const std::function<void(const std::string&)>& on_wait)
    : OwnedWorkDir(given, begin) {
    const fs::path& path = names_.path();
    close_to_others(path, begin);
    if (const std::string why_not = why_not_executable(path); !why_not.empty()) refuse_to_use(path, why_not);
    lease_ = std::make_unique<Lease>(names_, silence, on_wait);
    if (begin == Begin::as_it_is) {
        // Until it is known what there is, it stays.
        is_kept_ = true;
        has_map_ = has_manifest(names_);
        is_kept_ = has_map_;
        if (has_map_) return;
        // The process that was here before was gone before it had submitted anything.
        remove_what_was_begun();
    }
    make_directories();
}

void OwnedWorkDir::make_directories() const {
    for (const fs::path& directory : {names_.queue_jobs(), names_.claims()})
        if (::mkdir(directory.c_str(), 0700) != 0)
            refuse_to_use(names_.path(), "can not be written to: " + last_error());
}

void OwnedWorkDir::remove_what_was_begun() const {
    boost::system::error_code error;
    std::vector<fs::path> all;
    for (fs::directory_iterator entry(names_.path(), error), end; !error && entry != end;
         entry.increment(error))
        if (!is_lease_or_removed(entry->path().filename().native())) all.push_back(entry->path());
    for (const fs::path& path : all)
        if (!error) fs::remove_all(path, error);
    if (error) refuse_to_use(names_.path(), "can not be emptied: " + error.message());
}

OwnedWorkDir::~OwnedWorkDir() {
    if (!lease_) {
        // It was refused. Another process may work in it by now; then it is not empty.
        if (is_made_) ::rmdir(names_.path().c_str());
        return;
    }
    lease_.reset();
    if (is_kept_) return;
    boost::system::error_code ignored;  // what can not be removed does no harm
    for (fs::directory_iterator entry(names_.path(), ignored), end; entry != end; entry.increment(ignored))
        fs::remove_all(entry->path(), ignored);
    if (is_made_) ::rmdir(names_.path().c_str());
}

}  // namespace qmr::detail
