// What is asked for arrives at the queue jobs, and what can not be asked for is refused with the reason.

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "real_queues/cluster.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

std::string variable_of_task(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? "" : value;
}

using Interval = std::pair<double, double>;

/// When the task ran, in seconds since 1970.
Interval run_for_half_a_second(int) {
    const auto now = [] {
        return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    };
    const double begin = now();
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    return {begin, now()};
}

std::size_t most_at_once(const std::vector<Interval>& intervals) {
    std::size_t most = 0;
    for (const auto& one : intervals)
        most =
            std::max(most, static_cast<std::size_t>(std::ranges::count_if(intervals, [&](const auto& other) {
                         return other.first <= one.first && one.first < other.second;
                     })));
    return most;
}

/// What the map says when the batch system refuses it.
std::string refusal(const UserDirectory& directory, const std::function<void(PoolOptions&)>& ask) {
    UserProcess process(directory, [&]() -> std::string {
        auto options = directory.options();
        ask(options);
        static_cast<void>(Pool(options).map(square, numbers(3)));
        return "not refused";
    });
    const std::string outcome = process.outcome(60);
    check_that_queue_is_empty();
    return outcome;
}

}  // namespace

TEST_CASE("real: the slots of a private cluster that is up can be changed") {
    const auto has_slots = [](const std::string& number) {
        return is_slurm()
                   ? administer({"sinfo", "--noheader", "--partition=main", "--format=%c"}) == number + "\n"
                   : administer({"qstat", "-f"}).find("0/0/" + number + " ") != std::string::npos;
    };
    bring_up({}, 3);
    CHECK(becomes_true([&] { return has_slots("3"); }, 10));
    bring_up();
    CHECK(becomes_true([&] { return has_slots("8"); }, 10));
}

TEST_CASE("real: slots are granted") {
    const UserDirectory directory;
    check_as_user(directory, [&] {
        auto options = directory.options();
        options.resources.slots = 2;
        options.resources.parallel_environment = "smp";
        const auto got = Pool(options).map(
            variable_of_task, std::vector<std::string>{is_slurm() ? "SLURM_CPUS_PER_TASK" : "NSLOTS"});
        return got.at(0) == "2" ? std::string() : "slots: " + got.at(0);
    });
}

TEST_CASE("real: memory and walltime are asked for") {
    const UserDirectory directory;
    UserProcess process(directory, [&] {
        auto options = directory.options();
        options.resources.memory = 512 << 20;
        options.resources.walltime = std::chrono::seconds(300);
        options.resources.submit_arguments = {is_slurm() ? "--comment=ours" : "-ac",
                                              is_slurm() ? "--nice=3" : "ours=1"};
        const std::vector<std::string> where(1, directory.path().native());
        return not_squares(Pool(options).map(square_when_told, numbers(1), where), 1);
    });
    REQUIRE(becomes_true([&] { return !directory.text("begun.0").empty(); }));
    const auto jobs = queue();
    REQUIRE(jobs.size() == 1);
    const std::string& id = jobs.front().JB_job_number;
    if (is_slurm()) {
        const std::string told = administer({"scontrol", "-o", "show", "job", id});
        CHECK_THAT(told, Catch::Contains("TimeLimit=00:05:00") && Catch::Contains("MinMemoryCPU=512M") &&
                             Catch::Contains("Comment=ours"));
    } else {
        const std::string told = administer({"qstat", "-j", id});
        CHECK_THAT(told, Catch::Contains("h_rt=300") && Catch::Contains("h_vmem=536870912") &&
                             Catch::Contains("ours=1"));
    }
    directory.touch("go");
    CHECK(process.outcome() == "");
    check_that_queue_is_empty();
}

TEST_CASE("real: no more queue jobs run at a time than asked for") {
    const UserDirectory directory;
    check_as_user(directory, [&] {
        auto options = directory.options();
        options.max_num_running = 2;
        const auto intervals = Pool(options).map(run_for_half_a_second, std::vector<int>(6));
        const std::size_t most = most_at_once(intervals);
        return most <= 2 ? std::string() : std::to_string(most) + " at a time";
    });
}

TEST_CASE("real: a queue can be named") {
    const UserDirectory directory;
    check_as_user(directory, [&] {
        auto options = directory.options();
        options.queue_name = is_slurm() ? "short" : "all.q";
        const auto got = Pool(options).map(
            variable_of_task, std::vector<std::string>{is_slurm() ? "SLURM_JOB_PARTITION" : "QUEUE"});
        return got.at(0) == options.queue_name ? std::string() : "queue: " + got.at(0);
    });
}

TEST_CASE("real: a queue that does not exist is refused, and nothing stays") {
    const UserDirectory directory;
    const std::string outcome =
        refusal(directory, [](PoolOptions& options) { options.queue_name = "nosuch.q"; });
    CHECK_THAT(outcome, Catch::StartsWith("map: the batch system refused the queue jobs: ") &&
                            Catch::Contains(is_slurm() ? "invalid partition" : "unknown queue"));
}

// Grid Engine accepts it, and never starts it: see test_reasons.cpp.
TEST_CASE("real: memory that no node has is refused", "[slurm]") {
    const UserDirectory directory;
    const std::string outcome =
        refusal(directory, [](PoolOptions& options) { options.resources.memory = std::uint64_t{1} << 50; });
    CHECK_THAT(outcome, Catch::StartsWith("map: the batch system refused the queue jobs: "));
}

// Without an accounting database Slurm takes any account.
TEST_CASE("real: a project that does not exist is refused", "[sge]") {
    const UserDirectory directory;
    const std::string outcome =
        refusal(directory, [](PoolOptions& options) { options.resources.account = "noproj"; });
    CHECK_THAT(outcome, Catch::Contains("the requested project \"noproj\" does not exist"));
}

TEST_CASE("real: a project is charged", "[sge]") {
    const UserDirectory files;
    std::ofstream(files / "project") << "name ours\noticket 0\nfshare 0\nacl NONE\nxacl NONE\n";
    static_cast<void>(try_to({"qconf", "-dprj", "ours"}));
    administer({"qconf", "-Aprj", files / "project"});
    const UserDirectory directory;
    UserProcess process(directory, [&] {
        auto options = directory.options();
        options.resources.account = "ours";
        const std::vector<std::string> where(1, directory.path().native());
        return not_squares(Pool(options).map(square_when_told, numbers(1), where), 1);
    });
    REQUIRE(becomes_true([&] { return !directory.text("begun.0").empty(); }));
    const auto jobs = queue();
    REQUIRE(jobs.size() == 1);
    CHECK_THAT(administer({"qstat", "-j", jobs.front().JB_job_number}),
               Catch::Matches("[^]*project: +ours\\n[^]*"));
    directory.touch("go");
    CHECK(process.outcome() == "");
    check_that_queue_is_empty();
    administer({"qconf", "-dprj", "ours"});
}

namespace {

/// An attribute of all.q (queue_conf(5)), for the time of a test.
class QueueAttribute {
  public:
    QueueAttribute(std::string name, const std::string& value, std::string before)
        : name_(std::move(name)), before_(std::move(before)) {
        set(value);
    }
    ~QueueAttribute() { set(before_); }
    QueueAttribute(const QueueAttribute&) = delete;
    QueueAttribute& operator=(const QueueAttribute&) = delete;

  private:
    void set(const std::string& value) const {
        administer({"qconf", "-mattr", "queue", name_, value, "all.q"});
    }

    std::string name_;
    std::string before_;
};

}  // namespace

// As Debian ships it. qmr's queue jobs are programs, which no shell of the queue reads.
TEST_CASE("real: a queue that starts all by a C shell is as good as any", "[sge]") {
    const QueueAttribute mode("shell_start_mode", "posix_compliant", "unix_behavior");
    const QueueAttribute shell("shell", "/bin/csh", "/bin/sh");
    for (const bool arrays : {true, false}) {
        const UserDirectory directory;
        check_as_user(directory, [&] {
            auto options = directory.options();
            options.arrays = arrays;
            return not_squares(Pool(options).map(square, numbers(3)), 3);
        });
    }
}
