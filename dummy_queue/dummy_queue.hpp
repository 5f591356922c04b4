#pragma once
// The dummy queue for tests in C++: makes one, and looks into it.

#include <boost/filesystem/path.hpp>
#include <cstdint>
#include <functional>
#include <vector>

#include "dummy_queue/state.hpp"

namespace qmr::dummy_queue {

/// A dummy queue of its own: as many as wanted may live side by side.
class DummyQueue {
  public:
    explicit DummyQueue(boost::filesystem::path state_path);

    [[nodiscard]] const boost::filesystem::path& state_path() const { return state_path_; }

    /// The four programs, as they were built.
    [[nodiscard]] static boost::filesystem::path qsub_path();
    [[nodiscard]] static boost::filesystem::path qstat_path();
    [[nodiscard]] static boost::filesystem::path qdel_path();
    [[nodiscard]] static boost::filesystem::path qacct_path();

    /// Lets the programs that this process starts use this queue: sets DUMMY_QUEUE_STATE.
    void activate() const;

    /// A copy of all there is to know, whole.
    [[nodiscard]] State state() const;

    /// Changes the state, while no program does. Throws a StateError when it would be unreadable.
    void change(const std::function<void(State&)>& change) const;
    void add_fault(const Fault&) const;

    /// Array tasks count one by one; those that only linger in the listing do not count.
    [[nodiscard]] std::uint64_t num_tasks_left() const;

    /// How often faults of this kind struck, all of them together.
    [[nodiscard]] std::uint64_t num_fails(FaultKind) const;

    /// True when all faults that have a max_num_fails struck that often: nothing was tested in vain.
    [[nodiscard]] bool all_faults_struck() const;

  private:
    boost::filesystem::path state_path_;
};

/// Writes a fresh state file `dummy_queue_state.json` into the directory, which is made when missing.
[[nodiscard]] DummyQueue make_dummy_queue(const boost::filesystem::path& directory,
                                          const std::vector<Fault>& faults = {});

}  // namespace qmr::dummy_queue
