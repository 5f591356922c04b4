// Why queue jobs died, or do not run, is told in the words of the batch system.

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <thread>

#include "real_queues/cluster.hpp"

using namespace qmr;
using namespace qmr::test;
using detail::JobState;

namespace {

namespace stdfs = std::filesystem;

std::int64_t sleep_long(std::int64_t x) {
    std::this_thread::sleep_for(std::chrono::minutes(10));
    return x;
}

std::int64_t take_memory(std::int64_t megabytes) {
    const auto bytes = static_cast<std::size_t>(megabytes) << 20U;
    const std::vector<char> memory(bytes, 'x');
    std::this_thread::sleep_for(std::chrono::minutes(10));
    return static_cast<std::int64_t>(memory.size());
}

/// The failure of the only task, as `cause: message`.
template <class F>
std::string failure_of(const PoolOptions& options, F f, std::int64_t task) {
    const auto results = Pool(options).try_map(f, std::vector{task});
    if (results.at(0)) return "there is a result";
    return std::string(to_string(results[0].error().cause)) + ": " + results[0].error().message;
}

/// New queue jobs wait until the end of its life.
class ClosedQueue {
  public:
    ClosedQueue() { set(false); }
    ~ClosedQueue() { open(); }
    void open() {
        if (!is_open_) set(true);
        is_open_ = true;
    }

  private:
    static void set(bool open) {
        if (is_slurm())
            administer({"scontrol", "update", "partitionname=main", open ? "state=up" : "state=down"});
        else
            administer({"qmod", open ? "-e" : "-d", "all.q"});
    }
    bool is_open_ = false;
};

/// A map of `count` tasks whose queue jobs can not open what they have to, until they have been seen to fail.
void check_broken_directory(std::int64_t count, Jobs jobs,
                            const std::function<void(const stdfs::path&)>& breaks,
                            const std::function<void(const stdfs::path&)>& mends) {
    const UserDirectory directory;
    ClosedQueue closed;
    UserProcess process(directory, [&] {
        return not_squares(Pool(directory.options(jobs)).map(square, numbers(count)), count);
    });
    REQUIRE(becomes_true([&] { return num_in_state(JobState::pending) == static_cast<std::size_t>(count); }));
    const stdfs::path queue_jobs = directory.work_dir() / "queue_jobs";
    breaks(queue_jobs);
    closed.open();
    CHECK(becomes_true(
        [&] { return directory.num_events({"\"resubmit\""}) >= static_cast<std::size_t>(count); }));
    mends(queue_jobs);
    const std::string outcome = process.outcome();
    INFO(directory.text("stderr"));
    CHECK(outcome == "");
    INFO(directory.text("work_dir/journal.jsonl"));
    const std::string reason = is_slurm() ? "JobLaunchFailure" : "error state: ";
    CHECK(directory.num_events({"\"resubmit\"", reason}) >= static_cast<std::size_t>(count));
    check_that_queue_is_empty();
}

void move_away(const stdfs::path& path) {
    stdfs::rename(path, path.native() + ".away");
}
void move_back(const stdfs::path& path) {
    stdfs::rename(path.native() + ".away", path);
}

}  // namespace

TEST_CASE(
    "real: an output directory that is not there: queue jobs fail with the reason, and are submitted again") {
    check_broken_directory(3, Jobs::one_per_chunk, move_away, move_back);
}

TEST_CASE("real: the same for the only queue job that is left") {
    check_broken_directory(1, GENERATE(Jobs::one_per_chunk, Jobs::pull), move_away, move_back);
}

TEST_CASE("real: an output directory that may not be entered") {
    check_broken_directory(
        2, Jobs::pull, [](const stdfs::path& path) { ::chmod(path.c_str(), 0); },
        [](const stdfs::path& path) { ::chmod(path.c_str(), 0700); });
}

TEST_CASE("real: a queue job over its walltime is named as such") {
    const UserDirectory directory;
    UserProcess process(directory, [&] {
        auto options = directory.options();
        options.resources.walltime = std::chrono::seconds(2);
        options.max_num_retries.out_of_time = 0;
        return failure_of(options, sleep_long, 1);
    });
    const std::string outcome = process.outcome(150);
    CHECK_THAT(outcome, Catch::StartsWith("out_of_time: "));
    CHECK_THAT(outcome, Catch::Contains(is_slurm() ? "time limit" : "h_rt, 2 s"));
    check_that_queue_is_empty();
}

TEST_CASE("real: a queue job over its memory is named as such, or its task told that there is none") {
    const UserDirectory directory;
    UserProcess process(directory, [&] {
        auto options = directory.options();
        options.resources.memory = 300'000'000;
        options.max_num_retries.out_of_memory = 0;
        return failure_of(options, take_memory, 1000);
    });
    const std::string outcome = process.outcome(90);
    // Grid Engine's h_vmem is a limit of the process, whose allocation fails; Slurm kills it.
    CHECK_THAT(outcome, Catch::StartsWith(is_slurm() ? "out_of_memory: " : "exception: std::bad_alloc"));
    check_that_queue_is_empty();
}

TEST_CASE("real: a request that is never met is told with the reason, after a while") {
    const UserDirectory directory;
    UserProcess process(directory, [&] {
        auto options = directory.options();
        options.pending_notice = Seconds{2};
        if (is_slurm())
            options.queue_name = "down";
        else
            options.resources.submit_arguments = {"-l", "mem_free=100000G"};
        return not_squares(Pool(options).map(square, numbers(2)), 2);
    });
    CHECK(becomes_true(
        [&] { return directory.text("stderr").find("no queue job runs") != std::string::npos; }));
    const std::string said = directory.text("stderr");
    CHECK_THAT(said, Catch::Contains(is_slurm() ? "PartitionDown" : "mem_free=100000G"));
    ::kill(process.pid(), SIGTERM);
    CHECK(process.outcome() == "ended by signal 15");
    check_that_queue_is_empty();
}
