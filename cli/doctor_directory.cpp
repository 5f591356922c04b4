#include "cli/doctor_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "cli/descriptor.hpp"
#include "cli/in_words.hpp"
#include "vocabulary/current_directory.hpp"

namespace qmr::cli {

namespace {

struct FileSystem {
    std::uint32_t type;
    const char* name;
};

// linux/magic.h, and those of file systems that are not in the kernel.
constexpr std::array file_systems{
    FileSystem{0x6969, "nfs"},        FileSystem{0x0BD00BD0, "lustre"},  FileSystem{0x47504653, "gpfs"},
    FileSystem{0x19830326, "beegfs"}, FileSystem{0x00C36400, "ceph"},    FileSystem{0xAAD7AAEA, "panfs"},
    FileSystem{0x20030528, "pvfs2"},  FileSystem{0x01161970, "gfs2"},    FileSystem{0x7461636F, "ocfs2"},
    FileSystem{0x5346414F, "afs"},    FileSystem{0xFF534D42, "cifs"},    FileSystem{0xFE534D42, "smb2"},
    FileSystem{0x65735546, "fuse"},   FileSystem{0x01021997, "9p"},      FileSystem{0x01021994, "tmpfs"},
    FileSystem{0x858458F6, "ramfs"},  FileSystem{0x794C7630, "overlay"}, FileSystem{0xEF53, "ext4"},
    FileSystem{0x58465342, "xfs"},    FileSystem{0x9123683E, "btrfs"},   FileSystem{0x2FC12FC1, "zfs"},
    FileSystem{0xF2F52010, "f2fs"},   FileSystem{0x9FA0, "proc"},
};

std::string last_error() {
    return std::generic_category().message(errno);
}

// As a map begins: a directory, and a file in it.
std::string try_to_write(const std::filesystem::path& directory) {
    std::string own = (directory / ".qmr_doctor_XXXXXX").native();
    if (::mkdtemp(own.data()) == nullptr) return "can not be written to: " + last_error();
    const std::string file = own + "/file";
    std::string why_not;
    Descriptor descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (descriptor.get() < 0 || ::write(descriptor.get(), "\n", 1) != 1 || !descriptor.reset())
        why_not = "can not be written to: " + last_error();
    ::unlink(file.c_str());
    ::rmdir(own.c_str());
    return why_not;
}

std::filesystem::path parent_of(const std::filesystem::path& work_dir) {
    if (work_dir.empty()) return detail::current_directory().native();
    std::filesystem::path path = detail::absolute_path(work_dir.native()).native();
    if (!path.has_filename()) path = path.parent_path();
    std::error_code ignored;
    do path = path.parent_path();
    while (path.has_relative_path() && !std::filesystem::exists(path, ignored));
    return path;
}

// Whether a map would take it.
bool is_free(const std::filesystem::path& work_dir) {
    std::error_code error;
    if (work_dir.empty() || !std::filesystem::exists(work_dir, error)) return true;
    return std::filesystem::is_directory(work_dir, error) && std::filesystem::is_empty(work_dir, error);
}

bool is_hardly_shared(const DirectoryFacts& facts) {
    const std::string path = facts.path.native() + '/';
    const auto is_below = [&](const char* directory) { return path.starts_with(directory); };
    const auto is_of_kind = [&](const char* name) { return facts.file_system == name; };
    return std::ranges::any_of(std::array{"/tmp/", "/var/tmp/", "/dev/shm/"}, is_below) ||
           std::ranges::any_of(std::array{"tmpfs", "ramfs", "overlay"}, is_of_kind);
}

}  // namespace

DirectoryFacts look_at_directory(const PoolOptions& options) {
    DirectoryFacts facts;
    const bool is_named = !options.work_dir.empty() || options.work_root.empty();
    const std::filesystem::path work_dir = is_named ? options.work_dir : options.work_root / ".qmr_";
    facts.path = parent_of(work_dir);
    facts.why_not = is_free(work_dir) ? try_to_write(facts.path)
                                      : fmt::format("has {} in it, which is no empty directory",
                                                    work_dir.lexically_normal().filename().native());
    struct statvfs status {};
    if (::statvfs(facts.path.c_str(), &status) == 0) {
        facts.is_noexec = (status.f_flag & ST_NOEXEC) != 0;
        facts.num_free = std::uint64_t{status.f_bavail} * status.f_frsize;
    }
    struct statfs kind {};
    if (::statfs(facts.path.c_str(), &kind) == 0)
        facts.file_system = file_system_name(static_cast<std::uint32_t>(kind.f_type));
    return facts;
}

std::string file_system_name(std::uint32_t type) {
    const auto found = std::ranges::find(file_systems, type, &FileSystem::type);
    return found == file_systems.end() ? fmt::format("file system {:#x}", type) : found->name;
}

Check check_directory(const DirectoryFacts& facts, bool is_for_nodes) {
    Check check{Mark::well, "directory",
                fmt::format("{}: {}, {} free", facts.path.native(), facts.file_system, size(facts.num_free))};
    const auto fail = [&](const std::string& what) {
        check.mark = Mark::wrong;
        check.found += "; " + what;
        check.advice = "map in another directory, or say one by --work-dir";
        if (is_for_nodes) check.advice += "; worker nodes have to see it, too";
    };
    if (!facts.why_not.empty()) {
        fail("it " + facts.why_not);
    } else if (facts.is_noexec) {
        fail("no program can be started there (noexec)");
    } else if (is_for_nodes && is_hardly_shared(facts)) {
        check.advice = "it looks like one of this host alone, and worker nodes have to see it";
    }
    return check;
}

}  // namespace qmr::cli
