#include "faulty_files/nfs_names.hpp"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <functional>
#include <optional>

#include "faulty_files/faults.hpp"

namespace qmr::faulty_files {

namespace {

constexpr double seconds_after_removal = 0.05;

// Hashes of the names that this process made; a process that it forks knows them as well.
std::array<std::atomic<std::size_t>, 4096> own_names;

std::atomic<std::size_t>& slot_of(std::size_t hash) {
    std::size_t i = hash % own_names.size();
    while (own_names[i] != 0 && own_names[i] != hash) i = (i + 1) % own_names.size();
    return own_names[i];
}

std::size_t hash_of(const Place& place) {
    return std::hash<std::string_view>{}(place.path()) | 1U;
}

// None: there is no such file.
std::optional<double> seconds_since_change(int directory, const char* name, struct stat& status) {
    const int saved = errno;
    const auto result = ::syscall(SYS_newfstatat, directory, name, &status, AT_SYMLINK_NOFOLLOW);
    errno = saved;
    if (result != 0) return std::nullopt;
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<double>(now.tv_sec - status.st_ctim.tv_sec) +
           static_cast<double>(now.tv_nsec - status.st_ctim.tv_nsec) * 1e-9;
}

std::string_view last_name(const Place& place) {
    return place.path().substr(place.path().rfind('/') + 1);
}

bool has_stayed(std::string_view name) {
    return name.starts_with(".nfs");
}

}  // namespace

void made(const Place& place) noexcept {
    if (lateness() > 0) slot_of(hash_of(place)) = hash_of(place);
}

bool is_late(const Place& place) noexcept {
    if (lateness() <= 0 || slot_of(hash_of(place)) != 0) return false;
    struct stat status {};
    const auto age = seconds_since_change(AT_FDCWD, place.c_str(), status);
    return age && *age < lateness() && !S_ISDIR(status.st_mode);
}

int remove_slowly(const Place& place) noexcept {
    struct stat status {};
    const auto age = seconds_since_change(AT_FDCWD, place.c_str(), status);
    if (has_stayed(last_name(place)) && age.value_or(1) < seconds_after_removal) {
        errno = EBUSY;
        return -1;
    }
    if (!age || has_stayed(last_name(place)) || !S_ISREG(status.st_mode))
        return static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, place.c_str(), 0));
    std::array<char, PATH_MAX + 32> name{};
    const auto directory = static_cast<int>(place.path().rfind('/'));
    std::snprintf(name.data(), name.size(), "%.*s/.nfs%016llx", directory, place.c_str(),
                  static_cast<unsigned long long>(++counters().num_removed));
    return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, place.c_str(), AT_FDCWD, name.data(), 0));
}

void remove_what_stayed(const Place& directory) noexcept {
    static const auto open_directory = reinterpret_cast<decltype(&::opendir)>(::dlsym(RTLD_NEXT, "opendir"));
    static const auto next_entry = reinterpret_cast<decltype(&::readdir)>(::dlsym(RTLD_NEXT, "readdir"));
    const int saved = errno;
    if (DIR* listing = open_directory(directory.c_str()); listing != nullptr) {
        const int number = ::dirfd(listing);
        while (const dirent* entry = next_entry(listing)) {
            struct stat status {};
            if (has_stayed(entry->d_name) &&
                seconds_since_change(number, entry->d_name, status).value_or(0) >= seconds_after_removal)
                ::syscall(SYS_unlinkat, number, entry->d_name, 0);
        }
        ::closedir(listing);
    }
    errno = saved;
}

}  // namespace qmr::faulty_files
