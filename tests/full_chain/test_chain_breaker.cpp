// A wrong set-up costs a few queue jobs, and is told in one sentence.

#include <catch2/catch.hpp>
#include <ranges>
#include <stdexcept>

#include "full_chain/chain.hpp"

using namespace qmr;
using namespace qmr::test;
using dummy_queue::Fault;
using dummy_queue::FaultKind;

namespace {

/// 200 chunks, of a caller whose directory goes away before the first worker begins.
std::vector<Result<std::int64_t>> map_from_nowhere(const Chain& chain, PoolOptions options) {
    options.num_chunks = 200;
    options.qacct_path = dummy_queue::DummyQueue::qacct_path().native();
    const auto here = std::filesystem::current_path();
    const auto gone = chain.directory() / "gone";
    std::filesystem::create_directory(gone);
    std::filesystem::current_path(gone);
    auto tasks = numbers(400) | std::views::transform([&](std::int64_t x) {
                     std::filesystem::current_path(here);
                     std::filesystem::remove(gone);
                     return x;
                 });
    return Pool(options).try_map(square, tasks);
}

struct NeverSetUp {
    void setup() { throw std::runtime_error("cannot open model.bin"); }
    int operator()(int x) const { return x; }
};

std::size_t num_outputs(const Chain& chain) {
    const auto entries = std::filesystem::directory_iterator(chain.work_dir() / "queue_jobs");
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

}  // namespace

TEST_CASE("chain: workers that can not begin cost a few queue jobs, not one for each chunk") {
    const Chain chain;
    auto options = chain.options(GENERATE(Jobs::one_per_chunk, Jobs::pull));
    options.batch_system = GENERATE(as<std::string>{}, "sge", "local");
    options.file_system_latency = Seconds{60};
    const auto results = map_from_nowhere(chain, options);
    for (const auto& result : results) {
        REQUIRE_FALSE(result.has_value());
        REQUIRE_THAT(result.error().message, Catch::Contains("can't cd to " + chain.directory().native()) &&
                                                 Catch::Contains("; so ended "));
    }
    // What runs when it is noticed, and three probes.
    CHECK(num_outputs(chain) <= 5 + 2 * 10 + 3);
    CHECK(chain.queue().num_tasks_left() == 0);
    CHECK_THAT(chain.text_of("log.jsonl"), Catch::Contains("5 queue jobs ended the same way"));
}

TEST_CASE("chain: a setup() that throws is told without waits on the local cores") {
    TemporaryDirectory directory;
    auto options = local_options(directory.path().native());
    options.num_chunks = 20;
    const auto results = Pool(options).try_map(NeverSetUp{}, std::vector<int>(20, 1));
    for (const auto& result : results) {
        REQUIRE_FALSE(result.has_value());
        REQUIRE_THAT(result.error().message,
                     Catch::Contains("setup() threw std::runtime_error: cannot open") &&
                         !Catch::Contains("with waits in between"));
    }
}

TEST_CASE("chain: queue jobs that go to the error state at first cost no chunk an attempt that never ran") {
    const Chain chain({{.kind = FaultKind::evil, .max_num_fails = 7}});
    auto options = chain.options(GENERATE(Jobs::one_per_chunk, Jobs::pull));
    options.num_chunks = 50;
    CHECK(Pool(options).map(square, numbers(50)) == squares(50));
    CHECK(chain.queue().all_faults_struck());
    CHECK_THAT(chain.text_of("log.jsonl"), Catch::Contains("5 queue jobs ended the same way"));
    // Where queue jobs pull, those that end at the same time count as one.
    if (options.jobs == Jobs::one_per_chunk) CHECK(chain.num_events("\"resubmit\"") == 7);
    CHECK(chain.queue().num_tasks_left() == 0);
}
