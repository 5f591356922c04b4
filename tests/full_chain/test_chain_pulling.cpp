// Queue jobs that take chunks by themselves, on the full chain: the dummy queue and the local cores.

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cereal/types/string.hpp>
#include <csignal>
#include <fstream>
#include <ranges>
#include <stdexcept>
#include <thread>

#include "full_chain/chain.hpp"
#include "wait_until.hpp"

using namespace qmr;
using namespace qmr::test;
using dummy_queue::Fault;
using dummy_queue::FaultKind;

namespace {

/// Two queue jobs that pull chunks of one task, of the dummy queue or of the local cores.
PoolOptions two_that_pull(const Chain& chain, const std::string& batch_system = "sge") {
    auto options = chain.options(Jobs::pull);
    options.batch_system = batch_system;
    options.max_num_running = 2;
    options.chunk_size = 1;
    return options;
}

std::string either_queue() {
    return GENERATE(as<std::string>{}, "sge", "local");
}

bool is_first_time(const std::string& directory, const std::string& what) {
    const std::string path = directory + "/" + what;
    const bool is_first = ::access(path.c_str(), F_OK) != 0;
    std::ofstream(path) << what;
    return is_first;
}

void kill_worker() {
    ::kill(::getppid(), SIGKILL);
    ::kill(::getpid(), SIGKILL);
}

std::int64_t kill_worker_once(std::int64_t x, const std::string& directory) {
    if (x % 10 == 5 && is_first_time(directory, std::to_string(x))) kill_worker();
    return x * x;
}

std::int64_t kill_worker_at_seven(std::int64_t x) {
    if (x == 7) kill_worker();
    return x * x;
}

/// Task 4 does not end before a queue job was killed.
struct WaitsAtFour {
    std::string state_path;

    std::int64_t operator()(std::int64_t x) const {
        const dummy_queue::DummyQueue queue(state_path);
        if (x == 4)
            wait_until([&] {
                return queue.num_fails(FaultKind::killed) + queue.num_fails(FaultKind::killed_by_limit) > 0;
            });
        return x * x;
    }

    template <class Archive>
    void serialize(Archive& archive) {
        archive(state_path);
    }
};

/// As `qmr map` does it: queue jobs begin with one chunk, not with a part of them.
template <class Function>
std::vector<std::int64_t> values_in_order(const PoolOptions& options, const Function& function,
                                          std::int64_t num_tasks) {
    std::vector<std::int64_t> values;
    Pool(options).for_each_result(
        function, numbers(num_tasks),
        [&](std::size_t, const Result<std::int64_t>& outcome) { values.push_back(outcome.value()); });
    return values;
}

std::int64_t square_slowly(std::int64_t x) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return x * x;
}

// A claim on the last chunk that is none, or that names a queue job which does not work on it.
std::int64_t plant_claim(std::int64_t x, const std::string& work_dir, const std::string& claim) {
    if (x == 0) static_cast<void>(::symlink(claim.c_str(), (work_dir + "/claims/000000019").c_str()));
    return x * x;
}

struct CountedProcesses {
    std::string directory;
    bool is_set_up = false;

    void setup() {
        is_set_up = true;
        note("setup");
    }
    void cleanup() const { note("cleanup"); }
    std::int64_t operator()(std::int64_t x) const { return is_set_up ? x * x : -1; }

    template <class Archive>
    void serialize(Archive& archive) {
        archive(directory);
    }

  private:
    void note(const std::string& what) const {
        std::ofstream(directory + "/" + what + "." + std::to_string(::getpid()), std::ios::app) << "x";
    }
};

std::vector<std::string> notes(const Chain& chain, const std::string& what) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(chain.directory()))
        if (entry.path().filename().native().starts_with(what + ".")) found.push_back(text_of(entry.path()));
    return found;
}

}  // namespace

TEST_CASE("pull: two queue jobs compute many chunks, each of them once") {
    const Chain chain;
    CHECK(Pool(two_that_pull(chain, either_queue())).map(square, numbers(300)) == squares(300));
    CHECK(chain.num_events("\"committed\"") == 300);
    CHECK(chain.num_events("\"submit\"") == 1);
    CHECK(chain.text_of("000000.jobs").find("\n150 ") != std::string::npos);
    CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE("pull: without arrays, each queue job is a submission of its own") {
    const Chain chain;
    auto options = two_that_pull(chain);
    options.arrays = false;
    CHECK(Pool(options).map(square, numbers(20)) == squares(20));
    CHECK(chain.num_events("\"submitted\"") == 2);
}

TEST_CASE("pull: tasks that throw or crash cost themselves only") {
    const Chain chain;
    const auto f = [](std::int64_t x) {
        if (x % 10 == 3) throw std::runtime_error("three");
        if (x % 10 == 4) ::_exit(4);
        return x * x;
    };
    const auto results = Pool(two_that_pull(chain, either_queue())).try_map(f, numbers(40));
    for (std::size_t i = 0; i < results.size(); ++i) {
        REQUIRE(results[i].has_value() == (i % 10 != 3 && i % 10 != 4));
        if (i % 10 == 4) CHECK(results[i].error().cause == Cause::crash);
        if (!results[i].has_value()) CHECK(results[i].error().num_attempts == 1);
    }
}

TEST_CASE("pull: what the dead had claimed is computed by the living") {
    const Chain chain;
    const std::vector<std::string> where(40, chain.directory().native());
    const auto options = two_that_pull(chain, either_queue());
    CHECK(Pool(options).map(kill_worker_once, numbers(40), where) == squares(40));
    CHECK(chain.num_events("\"free\"") == 4);
    CHECK(chain.num_events("\"resubmit\"") == 4);
    CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE("pull, trap 8: a chunk that kills each of its queue jobs is given up, and no other") {
    const Chain chain;
    auto options = two_that_pull(chain, either_queue());
    options.max_num_resubmissions = 2;
    const auto results = Pool(options).try_map(kill_worker_at_seven, numbers(20));
    for (std::size_t i = 0; i < results.size(); ++i) CHECK(results[i].has_value() == (i != 7));
    CHECK(results[7].error().num_attempts == 3);
    CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE("pull, trap 8: queue jobs that vanish before they take a chunk are not submitted without end") {
    const Chain chain({{.kind = FaultKind::vanishes, .while_state = "pending"}});
    const auto results = Pool(two_that_pull(chain)).try_map(square, numbers(100));
    for (const auto& result : results) {
        REQUIRE_FALSE(result.has_value());
        CHECK(result.error().cause == Cause::vanished);
    }
    CHECK(chain.num_events("\"submitted\"") <= 24);
}

TEST_CASE("pull: the launcher that can not start is told, and not tried without end") {
    const Chain chain;
    auto options = two_that_pull(chain, "local");
    const auto before = std::filesystem::current_path();
    const auto gone = chain.directory() / "gone";
    std::filesystem::create_directory(gone);
    std::filesystem::current_path(gone);
    std::vector<std::int64_t> tasks = numbers(100);
    // The directory of the caller goes away between the beginning of the map and the first worker.
    auto disappearing = tasks | std::views::transform([&](std::int64_t x) {
                            std::filesystem::remove(gone);
                            return x;
                        });
    const auto results = Pool(options).try_map(square, disappearing);
    std::filesystem::current_path(before);
    REQUIRE_FALSE(results[99].has_value());
    CHECK_THAT(results[99].error().message, Catch::Contains("exit code 3"));
    CHECK(chain.num_events("\"submitted\"") <= 24);
}

TEST_CASE("pull: slots are given back after their time, and others take what is left") {
    const Chain chain;
    auto options = two_that_pull(chain, either_queue());
    options.max_job_time = Seconds{0.1};
    CHECK(Pool(options).map(square_slowly, numbers(40)) == squares(40));
    CHECK(chain.num_events("\"submit\"") >= 3);
    CHECK(chain.num_events("\"resubmit\"") == 0);
}

TEST_CASE("pull: with nothing left, queue jobs that wait are deleted") {
    const Chain chain;
    const auto options = chain.options(Jobs::pull);
    CHECK(Pool(options).map(square, numbers(50)) == squares(50));
    CHECK(chain.queue().num_tasks_left() == 0);
    CHECK(chain.num_events("\"submit\"") == 1);
}

TEST_CASE("pull: claims that lie cost time, and no result") {
    const Chain chain;
    const auto claim = GENERATE(as<std::string>{}, "garbage", "0.2", "7.1", "0.99");
    CAPTURE(claim);
    const std::vector<std::string> where(20, chain.work_dir().native());
    const std::vector<std::string> claims(20, claim);
    const auto options = two_that_pull(chain, either_queue());
    CHECK(Pool(options).map(plant_claim, numbers(20), where, claims) == squares(20));
}

TEST_CASE("pull: setup and cleanup run once in each process, however many chunks it takes") {
    const Chain chain;
    const auto options = two_that_pull(chain, either_queue());
    CHECK(Pool(options).map(CountedProcesses{chain.directory().native()}, numbers(60)) == squares(60));
    const auto setups = notes(chain, "setup");
    CHECK(setups.size() >= 1);
    CHECK(setups.size() <= 2);
    for (const std::string& note : setups) CHECK(note == "x");
    CHECK(notes(chain, "cleanup") == setups);
}

TEST_CASE(
    "pull: a kill that is aimed at a chunk strikes the queue job that has taken it, as often as it should") {
    const FaultKind kind = GENERATE(FaultKind::killed, FaultKind::killed_by_limit);
    const Chain chain(
        {{.kind = kind, .ichunk = 4, .max_num_fails = 1}, {.kind = kind, .ichunk = 99, .max_num_fails = 1}});
    auto options = two_that_pull(chain);
    options.max_num_running = GENERATE(std::size_t{1}, std::size_t{2});
    const WaitsAtFour function{chain.queue().state_path().native()};
    CHECK(values_in_order(options, function, 8) == squares(8));
    CHECK(chain.queue().num_fails(kind) == 1);
}

TEST_CASE(
    "pull: the result of a chunk comes late, though the queue job that made it began with another one") {
    const Chain chain({{.kind = FaultKind::late_out, .ichunk = 4, .max_num_fails = 1}});
    auto options = two_that_pull(chain);
    options.max_num_running = 1;
    options.file_system_latency = Seconds{60};
    CHECK(values_in_order(options, square, 8) == squares(8));
    CHECK(chain.queue().all_faults_struck());
}
