// What is kept of attempts that ended without a result.

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cereal/types/string.hpp>
#include <csignal>

#include "full_chain/chain.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

// So long that it is in the file as soon as it is computed.
std::string long_text(std::int64_t x) {
    return std::string(600'000, static_cast<char>('a' + x));
}

std::string kills_its_worker_from_five_on(std::int64_t x) {
    if (x >= 5 && x < 10) {
        ::kill(::getppid(), SIGKILL);
        ::kill(::getpid(), SIGKILL);
    }
    return long_text(x);
}

std::int64_t kills_its_worker_at_seven(std::int64_t x) {
    if (x == 7) {
        ::kill(::getppid(), SIGKILL);
        ::kill(::getpid(), SIGKILL);
    }
    return x * x;
}

}  // namespace

TEST_CASE("of tasks that end fast, the one that kills its worker is to blame, and none of those before it") {
    const Chain chain;
    auto options = chain.options(GENERATE(Jobs::one_per_chunk, Jobs::pull));
    options.batch_system = GENERATE(as<std::string>{}, "sge", "local");
    options.settling_time = Seconds{GENERATE(0, 1)};
    options.num_chunks = 1;
    options.max_num_resubmissions = GENERATE(0U, 1U);
    CAPTURE(options.batch_system, options.settling_time.count(), options.max_num_resubmissions);
    const auto results = Pool(options).try_map(kills_its_worker_at_seven, numbers(12));
    for (std::size_t i = 0; i < results.size(); ++i) {
        CAPTURE(i);
        REQUIRE(results[i].has_value() == (i != 7));
        if (results[i]) CHECK(*results[i] == static_cast<std::int64_t>(i * i));
    }
}

TEST_CASE("of a chunk that is given up half way, what was computed is in the hands of the caller") {
    const Chain chain;
    auto options = chain.options(GENERATE(Jobs::one_per_chunk, Jobs::pull));
    options.batch_system = GENERATE(as<std::string>{}, "sge", "local");
    options.num_chunks = 2;
    options.max_num_resubmissions = 0;
    try {
        static_cast<void>(Pool(options).map(kills_its_worker_from_five_on, numbers(20)));
        FAIL("map did not throw");
    } catch (const MapError& error) {
        const auto& results = error.results<std::string>();
        REQUIRE(results.size() == 20);
        for (std::size_t i = 0; i < 20; ++i) {
            CAPTURE(i);
            REQUIRE(results[i].has_value() == (i < 5 || i >= 10));
            if (results[i]) {
                CHECK(*results[i] == long_text(static_cast<std::int64_t>(i)));
            } else {
                CHECK((results[i].error().cause == Cause::vanished ||
                       results[i].error().cause == Cause::worker_failure));
                CHECK_FALSE(results[i].error().history.empty());
            }
        }
        CHECK(error.failures().size() == 5);
    }
    CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE(
    "of thousands of tasks that fail of the same thing, each has a message, and the first have all there "
    "is") {
    const Chain chain({{.kind = dummy_queue::FaultKind::evil}});
    auto options = chain.options();
    options.num_chunks = 1;
    options.max_num_resubmissions = 1;
    const auto results = Pool(options).try_map(square, numbers(3000));
    for (const auto& result : results) {
        REQUIRE_FALSE(result.has_value());
        REQUIRE(result.error().message == results.front().error().message);
        REQUIRE(result.error().num_attempts == 2);
    }
    CHECK(results[0].error().history.size() == 2);
    CHECK(results[998].error().history.size() == 2);
    CHECK(results[2999].error().history.empty());
}
