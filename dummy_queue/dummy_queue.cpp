#include "dummy_queue/dummy_queue.hpp"

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <cstdlib>

#include "dummy_queue/state_file.hpp"

namespace qmr::dummy_queue {
namespace fs = boost::filesystem;

DummyQueue::DummyQueue(fs::path state_path) : state_path_(std::move(state_path)) {}

fs::path DummyQueue::qsub_path() {
    return fs::path(QMR_DUMMY_PROGRAMS_DIRECTORY) / "dummy_qsub";
}
fs::path DummyQueue::qstat_path() {
    return fs::path(QMR_DUMMY_PROGRAMS_DIRECTORY) / "dummy_qstat";
}
fs::path DummyQueue::qdel_path() {
    return fs::path(QMR_DUMMY_PROGRAMS_DIRECTORY) / "dummy_qdel";
}
fs::path DummyQueue::qacct_path() {
    return fs::path(QMR_DUMMY_PROGRAMS_DIRECTORY) / "dummy_qacct";
}

void DummyQueue::activate() const {
    setenv("DUMMY_QUEUE_STATE", state_path_.c_str(), 1);
}

State DummyQueue::state() const {
    return LockedStateFile(state_path_).load();
}

void DummyQueue::change(const std::function<void(State&)>& change) const {
    change_state(state_path_, [&](State& state) {
        change(state);
        (void)read_json_text(to_json_text(state));
    });
}

void DummyQueue::add_fault(const Fault& fault) const {
    change([&](State& state) { state.faults.push_back(fault); });
}

std::uint64_t DummyQueue::num_tasks_left() const {
    std::uint64_t num = 0;
    for (const auto& job : state().jobs) num += job.num_tasks_left();
    return num;
}

std::uint64_t DummyQueue::num_fails(FaultKind kind) const {
    std::uint64_t num = 0;
    for (const auto& fault : state().faults) num += fault.kind == kind ? fault.num_fails : 0;
    return num;
}

bool DummyQueue::all_faults_struck() const {
    const auto faults = state().faults;
    return std::ranges::all_of(
        faults, [](const Fault& f) { return !f.max_num_fails || f.num_fails >= *f.max_num_fails; });
}

DummyQueue make_dummy_queue(const fs::path& directory, const std::vector<Fault>& faults) {
    fs::create_directories(directory);
    const auto state_path = fs::absolute(directory) / "dummy_queue_state.json";
    State state;
    state.faults = faults;
    (void)read_json_text(to_json_text(state));
    LockedStateFile(state_path).save(state);
    return DummyQueue(state_path);
}

}  // namespace qmr::dummy_queue
