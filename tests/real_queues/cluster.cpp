#include "real_queues/cluster.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "adapters/subprocess.hpp"
#include "ports/command_queue.hpp"

namespace qmr::test {

namespace {

constexpr Seconds longest_command{120};

const detail::BatchSystem& batch_system() {
    return *detail::find_batch_system(cluster_name());
}

std::string program(std::string_view name) {
    const auto found = detail::find_program(std::string(name));
    if (!found) throw std::runtime_error("there is no program " + std::string(name));
    return *found;
}

detail::CommandResult run(std::vector<std::string> argv) {
    argv.front() = program(argv.front());
    return detail::run_command(argv, longest_command);
}

const passwd& user_entry() {
    const passwd* entry = ::getpwnam(user().c_str());
    if (entry == nullptr) throw std::runtime_error("there is no user " + user());
    return *entry;
}

std::string required(const char* variable) {
    const char* value = std::getenv(variable);
    if (value == nullptr) throw std::runtime_error(std::string("$") + variable + " is not set");
    return value;
}

std::string file_text(const std::filesystem::path& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

void become_user(const std::filesystem::path& directory) {
    const passwd& entry = user_entry();
    const bool is_user = ::initgroups(entry.pw_name, entry.pw_gid) == 0 && ::setgid(entry.pw_gid) == 0 &&
                         ::setuid(entry.pw_uid) == 0;
    if (!is_user) throw std::runtime_error("can not become " + user());
    ::prctl(PR_SET_DUMPABLE, 1);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setenv("HOME", entry.pw_dir, 1);
    ::setenv("USER", entry.pw_name, 1);
    ::setenv("LOGNAME", entry.pw_name, 1);
    ::umask(022);
    std::filesystem::current_path(directory);
    const int errors = ::open((directory / "stderr").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(errors, STDERR_FILENO);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_DFL);
}

}  // namespace

const std::string& cluster_name() {
    static const std::string name = required("QMR_TEST_CLUSTER");
    return name;
}

const std::string& user() {
    static const std::string name = required("QMR_TEST_USER");
    return name;
}

std::string try_to(const std::vector<std::string>& argv) {
    const detail::CommandResult result = run(argv);
    return result.out + result.err;
}

std::string administer(const std::vector<std::string>& argv) {
    const detail::CommandResult result = run(argv);
    INFO(argv.front() << " " << (argv.size() > 1 ? argv[1] : "") << ": " << result.out << result.err);
    REQUIRE_FALSE(result.timed_out);
    REQUIRE(result.status.exit_code == 0);
    return result.out + result.err;
}

void delete_one_that_runs() {
    administer({is_slurm() ? "scancel" : "qdel", ids_in_state(detail::JobState::running).front()});
}

pid_t daemon(const std::string& which) {
    const std::string name =
        which == "master" ? (is_slurm() ? "slurmctld" : "qmaster") : (is_slurm() ? "slurmd" : "execd");
    std::istringstream status(try_to({required("QMR_TEST_CLUSTER_SCRIPT"), "status"}));
    std::string word;
    pid_t pid = -1;
    while (status >> word)
        if (word == name && status >> pid) return pid;
    throw std::runtime_error(name + " does not run");
}

void bring_up(const std::vector<std::string>& slurm_lines, int slots) {
    std::vector<std::string> argv{
        required("QMR_TEST_CLUSTER_SCRIPT"), "up", "--slots", std::to_string(slots), "--user", user()};
    for (const auto& line : slurm_lines) argv.insert(argv.end(), {"--conf", line});
    administer(argv);
}

std::string id_of(const detail::ListedJob& job) {
    if (!job.array_index) return job.JB_job_number;
    return job.JB_job_number + (is_slurm() ? "_" : ".") + std::to_string(*job.array_index);
}

std::vector<std::string> ids_in_state(detail::JobState state) {
    std::vector<std::string> ids;
    for (const auto& job : queue())
        if (job.state == state) ids.push_back(id_of(job));
    return ids;
}

std::vector<detail::ListedJob> queue() {
    const detail::BatchSystem& system = batch_system();
    for (int itry = 0; itry < 20; ++itry) {
        const detail::CommandResult result = detail::run_command(
            system.status_command(program(system.status_program), user(), ""), longest_command);
        if (auto listing = system.read_status_answer(detail::to_answer(result), "", "E", "")) return *listing;
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
    throw std::runtime_error("the batch system does not answer");
}

std::size_t num_in_state(detail::JobState state) {
    const auto jobs = queue();
    return static_cast<std::size_t>(
        std::ranges::count_if(jobs, [&](const auto& job) { return job.state == state; }));
}

bool becomes_true(const std::function<bool()>& condition, double seconds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return true;
}

void check_that_queue_is_empty() {
    const bool is_empty = becomes_true(
        [] {
            const auto jobs = queue();
            return std::ranges::all_of(
                jobs, [](const auto& job) { return job.state == detail::JobState::deleting; });
        },
        10);
    for (const auto& job : queue())
        UNSCOPED_INFO(job.JB_job_number << " " << job.JB_name << " " << job.state_word);
    CHECK(is_empty);
}

UserDirectory::UserDirectory() {
    const passwd& entry = user_entry();
    std::filesystem::create_directory(path_);
    if (::chmod(directory_.path().c_str(), 0755) != 0 ||
        ::chown(path_.c_str(), entry.pw_uid, entry.pw_gid) != 0)
        throw std::runtime_error("can not chown " + path_.native());
}

UserDirectory::~UserDirectory() {
    if (std::uncaught_exceptions() > 0) {
        static_cast<void>(is_slurm() ? try_to({"scancel", "--user=" + user()})
                                     : try_to({"qdel", "-u", user()}));
        static_cast<void>(becomes_true([] { return queue().empty(); }, 20));
    }
}

std::string UserDirectory::text(const std::string& name) const {
    return file_text(path_ / name);
}

std::size_t UserDirectory::num_events(const std::vector<std::string>& texts) const {
    std::ifstream file(work_dir() / "journal.jsonl");
    std::size_t count = 0;
    for (std::string line; std::getline(file, line);)
        count +=
            std::ranges::all_of(texts, [&](const auto& text) { return line.find(text) != std::string::npos; })
                ? 1U
                : 0U;
    return count;
}

void UserDirectory::touch(const std::string& name) const {
    std::ofstream(path_ / name).close();
    const passwd& entry = user_entry();
    if (::chown((path_ / name).c_str(), entry.pw_uid, entry.pw_gid) != 0)
        throw std::runtime_error("can not chown " + name);
}

PoolOptions UserDirectory::options(Jobs jobs) const {
    PoolOptions options;
    options.jobs = jobs;
    options.batch_system = cluster_name();
    options.work_dir = work_dir();
    options.keep_work_dir = true;
    options.progress = Progress::lines;
    options.polling_interval = Seconds{0.2};
    options.file_system_latency = Seconds{3};
    options.settling_time = Seconds{0.1};
    return options;
}

UserProcess::UserProcess(const UserDirectory& directory, const std::function<std::string()>& work)
    : directory_(directory), pid_(::fork()) {
    if (pid_ != 0) return;
    std::string outcome;
    try {
        become_user(directory.path());
        outcome = work();
    } catch (const std::exception& bad) {
        outcome = bad.what();
    }
    std::ofstream(directory / "outcome") << outcome;
    ::_exit(0);
}

UserProcess::~UserProcess() {
    if (!is_over_) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
}

std::string UserProcess::outcome(double seconds) {
    int status = 0;
    is_over_ = becomes_true([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }, seconds);
    if (!is_over_) return "the process did not end in time; on stderr: " + directory_.text("stderr");
    if (WIFSIGNALED(status)) return "ended by signal " + std::to_string(WTERMSIG(status));
    return directory_.text("outcome");
}

void check_as_user(const UserDirectory& directory, const std::function<std::string()>& work, double seconds) {
    UserProcess process(directory, work);
    const std::string outcome = process.outcome(seconds);
    INFO(directory.text("stderr"));
    CHECK(outcome == "");
    check_that_queue_is_empty();
}

std::vector<std::int64_t> numbers(std::int64_t count) {
    std::vector<std::int64_t> all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), std::int64_t{0});
    return all;
}

std::string not_squares(const std::vector<std::int64_t>& results, std::int64_t count) {
    if (results.size() != static_cast<std::size_t>(count)) return std::to_string(results.size()) + " results";
    for (std::size_t i = 0; i < results.size(); ++i)
        if (results[i] != static_cast<std::int64_t>(i * i))
            return "result " + std::to_string(i) + " is wrong";
    return {};
}

std::int64_t square(std::int64_t x) {
    return x * x;
}

std::int64_t square_when_told(std::int64_t x, const std::string& directory) {
    std::ofstream(directory + "/begun." + std::to_string(x)) << ::getpid();
    const auto is_there = [&](const std::string& name) {
        return ::access((directory + name).c_str(), F_OK) == 0;
    };
    while (is_there("/begun." + std::to_string(x)) && !is_there("/go"))
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return x * x;
}

}  // namespace qmr::test
