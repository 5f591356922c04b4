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

namespace qmr::detail {

namespace {

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
    throw BadInput(fmt::format("map: the work_dir {} {}; nothing was submitted", path.native(), why));
}

std::string last_error() {
    return std::generic_category().message(errno);
}

bool are_all_ours(const fs::path& path) {
    boost::system::error_code error;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error))
        if (!is_name_in_work_dir(entry->path().filename().native())) return false;
    if (error) refuse(path, "can not be read: " + error.message());
    return true;
}

// The directory itself, which may be there already.
bool make_or_take(const fs::path& path, OwnedWorkDir::Begin begin) {
    boost::system::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) refuse(path, "can not be made: " + error.message());
    if (::mkdir(path.c_str(), 0700) == 0) return false;
    if (errno != EEXIST) refuse(path, "can not be made: " + last_error());

    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) refuse(path, "can not be used: " + last_error());
    if (!S_ISDIR(status.st_mode)) refuse(path, "is not a directory");
    if (status.st_uid != ::geteuid()) refuse(path, "belongs to somebody else");
    const bool is_empty = fs::is_empty(path, error);
    if (error) refuse(path, "can not be read: " + error.message());
    if (!is_empty && begin == OwnedWorkDir::Begin::empty)
        refuse(path,
               "is not empty; remove it or choose another, or go on with the map in it by the option resume");
    if (!is_empty && !are_all_ours(path)) refuse(path, "holds files that are of no map");
    if (::access(path.c_str(), W_OK) != 0) refuse(path, "can not be written to");
    return true;
}

}  // namespace

std::string why_not_executable(const fs::path& path) {
    struct statvfs status {};
    if (::statvfs(path.c_str(), &status) == 0 && (status.f_flag & ST_NOEXEC) != 0)
        return "lies on a file system where no program can be started (noexec)";
    return {};
}

OwnedWorkDir::OwnedWorkDir(const fs::path& path, Begin begin, Seconds silence,
                           const std::function<void(const std::string&)>& on_wait)
    : names_(path), was_there_(make_or_take(path, begin)) {
    // Whatever the umask is.
    if (::chmod(path.c_str(), 0700) != 0) refuse(path, "can not be closed to others: " + last_error());
    const std::string why_not = why_not_executable(path);
    if (!why_not.empty()) {
        if (!was_there_) ::rmdir(path.c_str());
        refuse(path, why_not);
    }
    lease_ = std::make_unique<Lease>(names_, silence, on_wait);
    has_map_ = is_kept_ = fs::exists(names_.manifest());
    if (has_map_) return;
    // The process that was here before was gone before it had submitted anything.
    remove_what_was_begun();
    make_directories();
}

void OwnedWorkDir::make_directories() const {
    for (const fs::path& directory : {names_.queue_jobs(), names_.claims()})
        if (::mkdir(directory.c_str(), 0700) != 0)
            refuse(names_.path(), "can not be written to: " + last_error());
}

void OwnedWorkDir::remove_what_was_begun() const {
    boost::system::error_code error;
    std::vector<fs::path> all;
    for (fs::directory_iterator entry(names_.path(), error), end; !error && entry != end;
         entry.increment(error))
        if (!read_lease_name(entry->path().filename().native())) all.push_back(entry->path());
    for (const fs::path& path : all)
        if (!error) fs::remove_all(path, error);
    if (error) refuse(names_.path(), "can not be emptied: " + error.message());
}

OwnedWorkDir::~OwnedWorkDir() {
    lease_.reset();
    if (is_kept_) return;
    boost::system::error_code ignored;  // what can not be removed does no harm
    if (was_there_) {
        for (fs::directory_iterator entry(names_.path(), ignored), end; entry != end;
             entry.increment(ignored))
            fs::remove_all(entry->path(), ignored);
    } else {
        fs::remove_all(names_.path(), ignored);
    }
}

}  // namespace qmr::detail
