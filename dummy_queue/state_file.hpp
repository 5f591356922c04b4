#pragma once
// The state file, under a lock beside it.

#include <boost/filesystem/path.hpp>
#include <functional>

#include "dummy_queue/account.hpp"
#include "dummy_queue/state.hpp"

namespace qmr::dummy_queue {

/// What DUMMY_QUEUE_STATE names; a StateError when it names nothing.
[[nodiscard]] boost::filesystem::path state_path_of_environment();

/// Holds the lock of a state file for as long as it lives, so that load() and save() are one step.
class LockedStateFile {
  public:
    explicit LockedStateFile(boost::filesystem::path state_path);
    ~LockedStateFile();
    LockedStateFile(const LockedStateFile&) = delete;
    LockedStateFile& operator=(const LockedStateFile&) = delete;

    [[nodiscard]] State load() const;
    /// Whoever reads the file sees the old state or the new one, whole.
    void save(const State&) const;

  private:
    boost::filesystem::path state_path_;
    int lock_;
};

/// The file of ended tasks beside a state file, which is only ever appended to.
[[nodiscard]] boost::filesystem::path account_path_of(const boost::filesystem::path& state_path);
void append_record(const boost::filesystem::path& state_path, const AccountRecord&);
[[nodiscard]] std::vector<AccountRecord> load_records(const boost::filesystem::path& state_path);

/// Loads, changes and saves under the lock.
void change_state(const boost::filesystem::path& state_path, const std::function<void(State&)>& change);

}  // namespace qmr::dummy_queue
