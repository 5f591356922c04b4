#include "dummy_queue/state_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/filesystem/fstream.hpp>
#include <boost/filesystem/operations.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iterator>

namespace qmr::dummy_queue {
namespace fs = boost::filesystem;

fs::path state_path_of_environment() {
    const char* const path = std::getenv("DUMMY_QUEUE_STATE");
    if (path == nullptr || *path == '\0') {
        throw StateError("the environment variable DUMMY_QUEUE_STATE does not name the state file");
    }
    return path;
}

LockedStateFile::LockedStateFile(fs::path state_path)
    : state_path_(std::move(state_path)),
      lock_(open((state_path_.native() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (lock_ < 0) {
        throw StateError(
            fmt::format("can not lock the state file {}: {}", state_path_.native(), strerror(errno)));
    }
    while (flock(lock_, LOCK_EX) != 0 && errno == EINTR) {
    }
}

// Unlocked by hand, because a process forked meanwhile shares the lock.
LockedStateFile::~LockedStateFile() {
    flock(lock_, LOCK_UN);
    close(lock_);
}

State LockedStateFile::load() const {
    fs::ifstream file(state_path_, std::ios::binary);
    if (!file) {
        throw StateError(
            fmt::format("can not read the state file {}: {}", state_path_.native(), strerror(errno)));
    }
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    try {
        return read_json_text(text);
    } catch (const StateError& error) {
        throw StateError(fmt::format("the state file {} is broken: {}", state_path_.native(), error.what()));
    }
}

void LockedStateFile::save(const State& state) const {
    const fs::path unfinished = state_path_.native() + ".unfinished";
    fs::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
    fs::permissions(unfinished, fs::owner_read | fs::owner_write);
    file << to_json_text(state);
    file.close();
    if (!file) throw StateError(fmt::format("can not write {}: {}", unfinished.native(), strerror(errno)));
    fs::rename(unfinished, state_path_);
}

fs::path account_path_of(const fs::path& state_path) {
    return state_path.native() + ".accounting";
}

void append_record(const fs::path& state_path, const AccountRecord& record) {
    const auto path = account_path_of(state_path);
    fs::ofstream file(path, std::ios::binary | std::ios::app);
    file << to_json_line(record);
    file.close();
    if (!file) throw StateError(fmt::format("can not write {}: {}", path.native(), strerror(errno)));
}

std::vector<AccountRecord> load_records(const fs::path& state_path) {
    std::vector<AccountRecord> records;
    fs::ifstream file(account_path_of(state_path), std::ios::binary);
    for (std::string line; std::getline(file, line);) records.push_back(read_json_line(line));
    return records;
}

void change_state(const fs::path& state_path, const std::function<void(State&)>& change) {
    const LockedStateFile file(state_path);
    auto state = file.load();
    change(state);
    file.save(state);
}

}  // namespace qmr::dummy_queue
