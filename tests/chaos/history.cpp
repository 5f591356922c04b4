#include "chaos/history.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <qmr/qmr.hpp>
#include <random>
#include <thread>

#include "chaos/plan.hpp"
#include "dummy_queue/dummy_queue.hpp"
#include "temporary_directory.hpp"

namespace qmr::test {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
namespace fs = boost::filesystem;

constexpr std::chrono::seconds longest_history{90};

/// Processes that have this text among their arguments, and this one as well.
std::vector<pid_t> processes_with(const std::string& argument, const std::string& other) {
    std::vector<pid_t> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string name = entry.path().filename().native();
        pid_t pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error != std::errc{} || end != name.data() + name.size()) continue;
        std::ifstream file(entry.path().native() + "/cmdline");
        std::string arguments;
        std::getline(file, arguments);  // of a process that ends meanwhile, nothing
        if (arguments.find(argument) != std::string::npos && arguments.find(other) != std::string::npos)
            found.push_back(pid);
    }
    return found;
}

class History {
  public:
    explicit History(std::uint32_t seed)
        : plan_(make_plan(seed)),
          queue_(dummy_queue::make_dummy_queue(directory_.path(), plan_.faults)),
          work_dir_((directory_ / "work_dir").native()) {
        queue_.activate();
        random_.seed(seed);
    }

    ChaosOutcome play() {
        const auto end = Clock::now() + longest_history;
        auto next_kill = plan_.kills_of_caller.begin();
        start();
        while (true) {
            std::this_thread::sleep_for(milliseconds(2));
            kill_workers();
            if (has_ended()) break;
            if (Clock::now() > end) {
                kill_caller();
                problem("the map does not end");
                break;
            }
            if (next_kill != plan_.kills_of_caller.end() &&
                Clock::now() - started_ >= milliseconds(*next_kill)) {
                ++next_kill;
                kill_caller();
                count("kills of the process node");
                start();
            }
        }
        check_what_is_left();
        return std::move(outcome_);
    }

  private:
    void start() {
        started_ = Clock::now();
        caller_ = ::fork();
        if (caller_ != 0) return;
        int exit_code = 1;
        try {
            map();
            exit_code = 0;
        } catch (const std::exception& bad) {
            std::ofstream((directory_ / "verdict").native()) << "the map throws " << bad.what() << '\n';
        }
        ::_exit(exit_code);
    }

    // In the process that maps.
    void map() {
        PoolOptions options;
        options.batch_system = "sge";
        options.jobs = plan_.jobs;
        options.arrays = plan_.are_arrays;
        options.num_chunks = plan_.num_chunks;
        options.backup_factor = plan_.backup_factor;
        options.qsub_path = dummy_queue::DummyQueue::qsub_path().native();
        options.qstat_path = dummy_queue::DummyQueue::qstat_path().native();
        options.qdel_path = dummy_queue::DummyQueue::qdel_path().native();
        options.resume = work_dir_;
        options.keep_work_dir = true;
        options.progress = Progress::silent;
        options.polling_interval = Seconds{0.01};
        options.command_time_limit = Seconds{0.5};
        options.file_system_latency = Seconds{0.3};
        options.settling_time = Seconds{0.02};
        const auto results = Pool(options).try_map(Chaotic{directory_.path().native()}, plan_.tasks);
        std::ofstream verdict((directory_ / "verdict").native());
        for (const std::string& wrong : what_is_wrong(plan_.tasks, results)) verdict << wrong << '\n';
    }

    bool has_ended() {
        int status = 0;
        if (::waitpid(caller_, &status, WNOHANG) != caller_) return false;
        if (!WIFEXITED(status))
            problem(fmt::format("the process that maps died of signal {}", WTERMSIG(status)));
        return true;
    }

    void kill_caller() {
        ::kill(caller_, SIGKILL);
        while (::waitpid(caller_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

    // One that is there when its time has come; no work is easily done twice.
    void kill_workers() {
        if (num_worker_kills_ == plan_.kills_of_workers.size()) return;
        if (Clock::now() - began_ < milliseconds(plan_.kills_of_workers[num_worker_kills_])) return;
        const auto workers = processes_with("--qmr-worker", work_dir_);
        if (workers.empty()) return;
        ++num_worker_kills_;
        ::kill(workers[random_() % workers.size()], SIGKILL);
        count("kills of workers and their tasks");
    }

    [[nodiscard]] std::size_t num_jobs_not_deleted() const {
        std::size_t num = 0;
        for (const dummy_queue::Job& job : queue_.state().jobs)
            num += job.num_tasks_left() - static_cast<std::size_t>(std::ranges::count_if(
                                              job.running, &dummy_queue::RunningTask::deleted));
        return num;
    }

    void check_what_is_left() {
        std::ifstream verdict((directory_ / "verdict").native());
        for (std::string line; std::getline(verdict, line);) problem(line);
        // One that a killed process node left behind would still submit.
        for (const pid_t pid : processes_with(dummy_queue::DummyQueue::qsub_path().native(), work_dir_))
            problem(fmt::format("left: the qsub {} still runs", pid));
        if (const auto left = num_jobs_not_deleted(); left > 0)
            problem(fmt::format("left: {} queue jobs that nobody has deleted", left));
        // A worker whose result was not waited for, and a queue job that was deleted, may be on their way
        // out.
        const auto end = Clock::now() + std::chrono::seconds(5);
        while ((!processes_with("--qmr-worker", work_dir_).empty() || queue_.num_tasks_left() > 0) &&
               Clock::now() < end)
            std::this_thread::sleep_for(milliseconds(5));
        for (const pid_t pid : processes_with("--qmr-worker", work_dir_)) {
            problem(fmt::format("left: the worker {} still runs", pid));
            ::kill(pid, SIGKILL);
        }
        if (const auto left = queue_.num_tasks_left(); left > 0)
            problem(fmt::format("left: {} queue jobs", left));
        for (const auto& fault : queue_.state().faults)
            count("fault " + std::string(row_of(fault.kind).name), fault.num_fails);
        count("histories");
        count("tasks", plan_.tasks.size());
        const Chaotic function{directory_.path().native()};
        for (const ChaoticTask& task : plan_.tasks) {
            const std::size_t num_runs = function.num_runs(task);
            count("runs of tasks", num_runs);
            if (num_runs == 0) problem(fmt::format("wrong: task {} was never run", task.number));
        }
        if (outcome_.problems.empty()) return;
        // For whoever looks into it.
        const std::string kept = fmt::format("{}.kept", directory_.path().native());
        boost::system::error_code ignored;
        fs::rename(directory_.path(), kept, ignored);
        problem("the files are in " + kept);
    }

    void problem(const std::string& sentence) { outcome_.problems.push_back(sentence); }
    void count(const std::string& what, std::uint64_t number = 1) { outcome_.counts[what] += number; }

    ChaosPlan plan_;
    TemporaryDirectory directory_;
    dummy_queue::DummyQueue queue_;
    std::string work_dir_;
    std::minstd_rand random_;
    Clock::time_point began_ = Clock::now();
    Clock::time_point started_;
    pid_t caller_ = -1;
    std::size_t num_worker_kills_ = 0;
    ChaosOutcome outcome_;
};

}  // namespace

nlohmann::json ChaosOutcome::to_json() const {
    return {{"problems", problems}, {"counts", counts}};
}

void ChaosOutcome::add(const nlohmann::json& other) {
    for (const auto& problem : other.at("problems")) problems.push_back(problem.get<std::string>());
    for (const auto& [what, number] : other.at("counts").items()) counts[what] += number.get<std::uint64_t>();
}

ChaosOutcome play_chaos(std::uint32_t seed) {
    ChaosOutcome outcome = History(seed).play();
    for (std::string& problem : outcome.problems) problem = fmt::format("seed {}: {}", seed, problem);
    return outcome;
}

}  // namespace qmr::test
