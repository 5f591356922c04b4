#include "faulty_files/faulty_run.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "dummy_queue/dummy_queue.hpp"
#include "vocabulary/atomic_file.hpp"
#include "wait_until.hpp"

namespace qmr::test {

namespace {

using faulty_files::Counters;
namespace fs = boost::filesystem;

const Counters* make_counters(const fs::path& path) {
    const detail::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    void* memory = ::ftruncate(file.get(), sizeof(Counters)) == 0
                       ? ::mmap(nullptr, sizeof(Counters), PROT_READ, MAP_SHARED, file.get(), 0)
                       : MAP_FAILED;
    if (memory == MAP_FAILED) throw std::runtime_error("no counters in " + path.native());
    return static_cast<const Counters*>(memory);
}

// Command lines of processes that have this directory in them.
std::string processes_in(const fs::path& directory) {
    std::string all;
    boost::system::error_code ignored;
    for (fs::directory_iterator entry("/proc", ignored), end; entry != end; entry.increment(ignored)) {
        const std::string line = detail::end_of_file(entry->path() / "cmdline", 4096);
        if (line.find(directory.native()) != std::string::npos) all += line + "; ";
    }
    return all;
}

// What is still there after a while.
std::string left_behind(const FaultyFiles& files, const dummy_queue::DummyQueue& queue) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (true) {
        std::string left;
        if (const auto number = queue.num_tasks_left(); number > 0)
            left = fmt::format("{} queue jobs are left in the queue", number);
        if (const std::string processes = processes_in(files.path()); !processes.empty())
            left += "processes are left: " + processes;
        if (left.empty() || std::chrono::steady_clock::now() > end) return left;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

}  // namespace

FaultyFiles::FaultyFiles(std::string faults)
    : faults_(std::move(faults)), counters_(make_counters(directory_ / "counters")) {
    fs::create_directory(path());
}

detail::CommandResult FaultyFiles::run(std::vector<std::string> argv,
                                       const std::vector<std::string>& variables) const {
    argv.front() = detail::find_program(argv.front()).value();
    std::vector<std::string> environment;
    for (char** variable = environ; *variable != nullptr; ++variable) environment.emplace_back(*variable);
    environment.insert(environment.end(), variables.begin(), variables.end());
    environment.push_back(fmt::format("LD_PRELOAD={}", QMR_TEST_FAULTY_FILES));
    environment.push_back("QMR_TEST_FAULTY_DIRECTORY=" + path().native());
    environment.push_back("QMR_TEST_FAULT_COUNTERS=" + (directory_ / "counters").native());
    environment.push_back("QMR_TEST_FILE_FAULTS=" + faults_);
    return detail::run_command(argv, patience, -1, &environment);
}

std::uint64_t FaultyFiles::num_calls(faulty_files::Call call) const {
    return counters().num_calls[static_cast<std::size_t>(call)];
}

std::uint64_t FaultyFiles::num_strikes() const {
    return counters().num_strikes;
}

FaultyMap run_faulty_map(Queue queue, Mode mode, const std::string& faults) {
    const FaultyFiles files(faults);
    const auto dummy = dummy_queue::make_dummy_queue(files.directory().path());
    const auto result =
        files.run({QMR_TEST_FAULTY_MAP, queue == Queue::local ? "local" : "dummy",
                   mode == Mode::pull ? "pull" : "one_per_chunk", (files.path() / "work_dir").native()},
                  {"DUMMY_QUEUE_STATE=" + dummy.state_path().native()});
    FaultyMap map;
    for (std::size_t i = 0; i < map.num_calls.size(); ++i)
        map.num_calls[i] = files.num_calls(static_cast<faulty_files::Call>(i));
    map.num_strikes = files.num_strikes();
    map.is_right = result.status.signal == 0 && result.status.exit_code == 0;
    map.said = result.out + result.err;
    const bool is_told = result.status.signal == 0 && result.status.exit_code == 3;
    if (result.timed_out)
        map.broken_promise = "it hangs";
    else if (!map.is_right && !is_told)
        map.broken_promise = detail::describe(result.status);
    else
        map.broken_promise = left_behind(files, dummy);
    return map;
}

}  // namespace qmr::test
