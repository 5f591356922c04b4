// What needs more memory or time gets it, within limits.

#include <catch2/catch.hpp>
#include <cereal/types/string.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "full_chain/chain.hpp"

using namespace qmr;
using namespace qmr::test;
using dummy_queue::Fault;
using dummy_queue::FaultKind;

namespace {

std::int64_t announce_and_wait_once(std::int64_t x, const std::string& directory) {
    const std::filesystem::path mark = std::filesystem::path(directory) / "begun";
    // Of two at a time, one waits.
    std::FILE* const file = std::fopen(mark.c_str(), "wx");
    if (file == nullptr) return x * x;
    std::fclose(file);
    while (true) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

std::int64_t wait_until_killed_twice(std::int64_t x, const std::string& state_path) {
    const dummy_queue::DummyQueue queue(state_path);
    while (queue.num_fails(FaultKind::killed_by_limit) < 2)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return x * x;
}

/// Queue jobs that ask for 200 MB and 90 s, of one chunk or of any, and a batch system that tells how they
/// end.
PoolOptions limited(const Chain& chain, Jobs jobs = Jobs::one_per_chunk) {
    auto options = chain.options(jobs);
    options.qacct_path = dummy_queue::DummyQueue::qacct_path().native();
    options.num_chunks = 3;
    options.max_num_running = 1;
    options.resources.memory = 200'000'000;
    options.resources.walltime = std::chrono::seconds(90);
    return options;
}

}  // namespace

TEST_CASE("chain: a chunk that was killed for memory gets more of it, in a queue job of its own") {
    const TemporaryDirectory directory;
    const std::string path = directory.path().native();
    const Chain chain({{.kind = FaultKind::killed_by_limit,
                        .max_num_fails = 1,
                        .after_file = path + "/begun",
                        .limit = "h_vmem"}});
    const Jobs jobs = GENERATE(Jobs::one_per_chunk, Jobs::pull);
    const std::vector<std::string> where(6, path);
    CHECK(Pool(limited(chain, jobs)).map(announce_and_wait_once, numbers(6), where) == squares(6));
    CHECK(chain.queue().all_faults_struck());
    CHECK_THAT(chain.text_of("log.jsonl"), Catch::Contains("h_vmem=400000000"));
    CHECK_THAT(chain.text_of("journal.jsonl"), Catch::Contains("again with 400 MB of memory, 1 of 3"));
    const bool is_own =
        chain.text_of("000001.jobs") == "0 only\n" || chain.text_of("000002.jobs") == "0 only\n";
    CHECK(is_own == (jobs == Jobs::pull));
}

TEST_CASE("chain: a chunk that was killed for its walltime without a task done gets a longer one") {
    const Chain chain({{.kind = FaultKind::killed_by_limit, .max_num_fails = 2, .limit = "h_rt"}});
    auto options = limited(chain);
    options.num_chunks = 1;
    options.resources.max_walltime = std::chrono::seconds(300);
    const std::vector<std::string> where(6, chain.queue().state_path().native());
    CHECK(Pool(options).map(wait_until_killed_twice, numbers(6), where) == squares(6));
    const std::string log = chain.text_of("log.jsonl");
    CHECK_THAT(log, Catch::Contains("h_rt=180") && Catch::Contains("h_rt=300"));
}

TEST_CASE("chain: a batch system that refuses more memory costs that task only, and is told") {
    const TemporaryDirectory directory;
    const std::string path = directory.path().native();
    // With a chunk for two tasks, or for each; not before the worker has begun with it, nor after its end.
    const std::size_t chunk_size = GENERATE(std::size_t{2}, std::size_t{1});
    const Chain chain({{.kind = FaultKind::killed_by_limit,
                        .ichunk = 2 / chunk_size,
                        .max_num_fails = 1,
                        .after_file = path + "/begun",
                        .limit = "h_vmem"},
                       {.kind = FaultKind::qsub_refuses,
                        .max_num_fails = 1,
                        .max_num_spared = 1,
                        .message = "Unable to run job: job rejected: no host has so much"}});
    auto options = limited(chain);
    options.num_chunks = 6 / chunk_size;
    const auto work = [](std::int64_t x, const std::string& where) {
        return x == 2 ? announce_and_wait_once(x, where) : x * x;
    };
    const auto results = Pool(options).try_map(work, numbers(6), std::vector<std::string>(6, path));
    for (std::size_t i = 0; i < 6; ++i) REQUIRE(results[i].has_value() == (i != 2));
    CHECK(results[2].error().cause == Cause::out_of_memory);
    CHECK_THAT(results[2].error().message,
               Catch::Contains("more memory than h_vmem, 200 MB") && Catch::Contains("more was refused: ") &&
                   Catch::Contains("no host has so much") && !Catch::Contains("in the last of"));
    REQUIRE(results[2].error().history.size() == 1);
    CHECK(results[2].error().history[0].cause == Cause::out_of_memory);
    CHECK(chain.num_events("\"refused\"") == 1);
    // Behind the task that is to blame, the chunk is submitted once more as it was before.
    CHECK(chain.num_events("\"event\":\"submit\"") == 1 + chunk_size);
    CHECK(chain.queue().all_faults_struck());
    CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE(
    "chain: a chunk that takes far longer than the others is computed once more, and the first result "
    "counts") {
    const TemporaryDirectory directory;
    const std::string path = directory.path().native();
    const Chain chain;
    chain.queue().change([](dummy_queue::State& state) { state.waits = false; });
    auto options = chain.options(GENERATE(Jobs::one_per_chunk, Jobs::pull));
    options.backup_factor = 2;
    // So that no other can straggle, however slow the machine is: half of them must be done.
    options.num_chunks = 2;
    const auto work = [](std::int64_t x, const std::string& where) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        return x == 1 ? announce_and_wait_once(x, where) : x * x;
    };
    CHECK(Pool(options).map(work, numbers(2), std::vector<std::string>(2, path)) == squares(2));
    CHECK_THAT(chain.text_of("log.jsonl"), Catch::Contains("1 of the last chunks takes more than 2 times"));
    CHECK(chain.num_events("\"event\":\"submit\"") == 2);
    CHECK(chain.num_events("\"event\":\"delete\"") >= 1);
    // What is deleted is still listed, until its processes are gone.
    while (chain.queue().num_tasks_left() > 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}
