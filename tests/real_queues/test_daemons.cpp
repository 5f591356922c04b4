// The daemons of the batch system die, or hang, while a map runs: it goes on, and nothing is submitted twice.

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <optional>
#include <thread>

#include "real_queues/cluster.hpp"

using namespace qmr;
using namespace qmr::test;
using detail::JobState;

namespace {

/// A map of `count` tasks that wait for `go`, with so many at a time, that has begun.
class WaitingMap {
  public:
    explicit WaitingMap(std::int64_t count, Jobs jobs = Jobs::one_per_chunk)
        : process_(directory_, [this, count, jobs] {
              auto options = directory_.options(jobs);
              options.max_num_running = 4;
              options.command_time_limit = Seconds{15};
              const std::vector<std::string> where(static_cast<std::size_t>(count),
                                                   directory_.path().native());
              return not_squares(Pool(options).map(square_when_told, numbers(count), where), count);
          }) {
        REQUIRE(becomes_true([&] { return !directory_.text("begun.0").empty(); }));
    }

    [[nodiscard]] const UserDirectory& directory() const { return directory_; }

    /// Lets the tasks go, and checks that all results came from one submission.
    void finish() {
        directory_.touch("go");
        const std::string outcome = process_.outcome(240);
        INFO(directory_.text("stderr"));
        CHECK(outcome == "");
        CHECK(directory_.num_events({"\"submit\""}) == 1);
        CHECK(directory_.num_events({"\"resubmit\""}) == 0);
        check_that_queue_is_empty();
    }

  private:
    UserDirectory directory_;
    UserProcess process_;
};

/// Of a daemon that stops; it goes on at the end of the test, whatever comes.
class Stopped {
  public:
    explicit Stopped(pid_t pid) : pid_(pid) { ::kill(pid_, SIGSTOP); }
    ~Stopped() { ::kill(pid_, SIGCONT); }
    Stopped(const Stopped&) = delete;
    Stopped& operator=(const Stopped&) = delete;

  private:
    pid_t pid_;
};

std::size_t num_failed_looks(const UserDirectory& directory) {
    const std::string log = directory.text("work_dir/log.jsonl");
    std::size_t count = 0;
    for (auto at = log.find("no listing of the queue"); at != std::string::npos;
         at = log.find("no listing of the queue", at + 1))
        ++count;
    return count;
}

// Slurm saves what it knows at most every 5 s. In a crash it forgets the rest: queue jobs that it accepted,
// and the end of others, which it then starts again.
void wait_for_saved_state() {
    if (is_slurm()) std::this_thread::sleep_for(std::chrono::seconds(6));
}

}  // namespace

TEST_CASE("real: the master is killed and started again during a map") {
    WaitingMap map(12, Jobs::pull);
    wait_for_saved_state();
    ::kill(daemon("master"), SIGKILL);
    CHECK(becomes_true([&] { return num_failed_looks(map.directory()) > 0; }));
    bring_up();
    map.finish();
}

TEST_CASE("real: the master hangs for a while during a map") {
    WaitingMap map(12);
    {
        const Stopped stopped(daemon("master"));
        CHECK(becomes_true([&] { return num_failed_looks(map.directory()) > 0; }));
    }
    map.finish();
}

TEST_CASE("real: the daemon of the node is killed and started again during a map") {
    WaitingMap map(12, Jobs::pull);
    ::kill(daemon("node"), SIGKILL);
    bring_up();
    map.finish();
}

TEST_CASE("real: a submission while the master is dead is made once it is back, once") {
    const UserDirectory directory;
    wait_for_saved_state();
    ::kill(daemon("master"), SIGKILL);
    UserProcess process(directory,
                        [&] { return not_squares(Pool(directory.options()).map(square, numbers(5)), 5); });
    CHECK(becomes_true([&] { return directory.num_events({"\"unclear\""}) > 0; }));
    bring_up();
    const std::string outcome = process.outcome(240);
    INFO(directory.text("stderr"));
    CHECK(outcome == "");
    CHECK(directory.num_events({"\"committed\""}) == 5);
    check_that_queue_is_empty();
}

// sbatch gives up after MessageTimeout, but its message waits for slurmctld. A qsub that is killed while it
// waits is not queued.
TEST_CASE("real: a submission that is accepted though its answer got lost is found by its name", "[slurm]") {
    const UserDirectory directory;
    std::optional<Stopped> stopped(daemon("master"));
    UserProcess process(directory, [&] {
        auto options = directory.options();
        options.file_system_latency = Seconds{20};
        return not_squares(Pool(options).map(square, numbers(5)), 5);
    });
    CHECK(becomes_true([&] { return directory.num_events({"\"unclear\""}) > 0; }));
    stopped.reset();
    const std::string outcome = process.outcome();
    INFO(directory.text("stderr"));
    CHECK(outcome == "");
    CHECK(directory.num_events({"\"submit\""}) == 1);
    CHECK(directory.num_events({"\"committed\""}) == 5);
    check_that_queue_is_empty();
}
