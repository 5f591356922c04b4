// The traps that the first tools of this kind fell into, on the full chain with the dummy queue.

#include <catch2/catch.hpp>

#include "full_chain/chain.hpp"
#include "full_chain/in_process.hpp"

using namespace qmr;
using namespace qmr::test;
using dummy_queue::Fault;
using dummy_queue::FaultKind;

namespace {

Jobs either() {
    return GENERATE(Jobs::one_per_chunk, Jobs::pull);
}

}  // namespace

TEST_CASE("chain, trap 1: the last queue job goes to the error state, and its result arrives all the same") {
    const Chain chain({{.kind = FaultKind::evil, .ichunk = 6, .max_num_fails = 5}});
    auto options = chain.options(either());
    options.num_chunks = 7;
    CHECK(Pool(options).map(square, numbers(7)) == squares(7));
    CHECK(chain.queue().all_faults_struck());
    CHECK(chain.queue().num_tasks_left() == 0);
    // Where queue jobs pull, one that lives may take the chunk before another one is submitted for it.
    const std::size_t num_submissions = chain.num_events("\"submitted\"");
    CHECK((num_submissions == 5 || num_submissions == 6));
}

TEST_CASE("chain, trap 1: all queue jobs go to the error state at once") {
    const Chain chain({{.kind = FaultKind::evil, .max_num_fails = 5}});
    CHECK(Pool(chain.options(either())).map(square, numbers(5)) == squares(5));
    CHECK(chain.queue().all_faults_struck());
    CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE("chain, trap 2: a deleted queue job that lingers unchanged beside its successor is counted once") {
    const Chain chain(
        {{.kind = FaultKind::evil, .ichunk = 2, .max_num_fails = 2},
         {.kind = FaultKind::lingers, .ichunk = 2, .max_num_fails = 2, .num_calls = 6, .as = "unchanged"}});
    CHECK(Pool(chain.options(either())).map(square, numbers(4)) == squares(4));
    CHECK(chain.queue().all_faults_struck());
    CHECK(chain.num_events("\"resubmit\"") == 2);
}

TEST_CASE("chain, trap 3: a listing that lags behind does not make a queue job vanish") {
    const Chain chain({{.kind = FaultKind::listing_lags, .num_calls = 5}});
    auto options = chain.options(either());
    options.file_system_latency = Seconds{5};
    CHECK(Pool(options).map(square, numbers(4)) == squares(4));
    CHECK(chain.num_events("\"resubmit\"") == 0);
    CHECK(chain.num_events("\"submit\"") == 1);
}

TEST_CASE("chain, trap 4: a result that becomes visible late is waited for") {
    const Chain chain({{.kind = FaultKind::late_out, .ichunk = 3, .max_num_fails = 1, .num_calls = 6}});
    auto options = chain.options(either());
    options.file_system_latency = Seconds{5};
    CHECK(Pool(options).map(square, numbers(4)) == squares(4));
    CHECK(chain.queue().all_faults_struck());
    CHECK(chain.num_events("\"resubmit\"") == 0);
}

TEST_CASE("chain, trap 5: a deletion that fails does not hang the map") {
    const Chain chain({{.kind = FaultKind::evil, .ichunk = 0, .max_num_fails = 1},
                       {.kind = FaultKind::qdel_fails, .max_num_fails = 3}});
    CHECK(Pool(chain.options(either())).map(square, numbers(3)) == squares(3));
    CHECK(chain.queue().all_faults_struck());
    CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE("chain, trap 6: warnings on stderr, garbage and failures of qstat are no news about queue jobs") {
    const Chain chain({{.kind = FaultKind::qstat_warns, .max_num_fails = 3},
                       {.kind = FaultKind::qstat_garbage, .max_num_fails = 3, .max_num_spared = 2},
                       {.kind = FaultKind::qstat_fails, .max_num_fails = 3, .max_num_spared = 2}});
    CHECK(Pool(chain.options(either())).map(square, numbers(6)) == squares(6));
    CHECK(chain.queue().all_faults_struck());
    CHECK(chain.num_events("\"submit\"") == 1);
}

TEST_CASE("chain, trap 7: two maps at once in one queue never touch each other's queue jobs") {
    const Chain chain({{.kind = FaultKind::evil, .ichunk = 1, .max_num_fails = 6}});
    const auto map_into = [&](const char* name, std::int64_t count) {
        auto options = chain.options(either());
        options.work_dir = chain.directory() / name;
        return Pool(options).map(square, numbers(count)) == squares(count) ? 0 : 1;
    };
    InProcess one([&] { return map_into("one", 8); });
    InProcess two([&] { return map_into("two", 9); });
    CHECK(one.exit_code() == 0);
    CHECK(two.exit_code() == 0);
    CHECK(chain.queue().all_faults_struck());
    CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE("chain, trap 8: a queue job that vanishes without a result is submitted again") {
    const Chain chain(
        {{.kind = FaultKind::vanishes, .ichunk = 1, .max_num_fails = 2},
         {.kind = FaultKind::vanishes, .ichunk = 2, .max_num_fails = 1, .while_state = "pending"}});
    CHECK(chain.pool().map(square, numbers(4)) == squares(4));
    CHECK(chain.queue().all_faults_struck());
    CHECK(chain.num_events("\"resubmit\"") == 3);
}

TEST_CASE("chain, trap 8: a queue job that vanishes again and again fails its tasks, and only those") {
    const Chain chain({{.kind = FaultKind::vanishes, .ichunk = 1}});
    auto options = chain.options();
    options.max_num_resubmissions = 2;
    options.num_chunks = 3;
    const auto results = Pool(options).try_map(square, numbers(9));
    for (std::size_t i = 0; i < 9; ++i) {
        const bool is_lost = i >= 3 && i < 6;
        REQUIRE(results[i].has_value() == !is_lost);
        if (is_lost) {
            CHECK(results[i].error().cause == Cause::vanished);
            CHECK(results[i].error().num_attempts == 3);
            CHECK(results[i].error().itask == i);
        } else {
            CHECK(*results[i] == static_cast<std::int64_t>(i * i));
        }
    }
    CHECK(chain.queue().num_tasks_left() == 0);
}
