// What is read of failures from a work_dir is what map() told of them.

#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <iostream>
#include <qmr/map_status.hpp>
#include <thread>

#include "full_chain/chain.hpp"

using namespace qmr;
using namespace qmr::test;
using dummy_queue::FaultKind;

namespace {

std::int64_t fails_in_many_ways(std::int64_t x) {
    std::cerr << "task " << x << '\n';
    if (x == 3) throw std::runtime_error("no such event");
    if (x == 8) std::abort();
    if (x == 12) ::_exit(7);
    return x;
}

std::int64_t kills_its_worker_from_five_on(std::int64_t x) {
    // So that what is done before is in the file.
    if (x < 5) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (x >= 5 && x < 10) {
        ::kill(::getppid(), SIGKILL);
        ::kill(::getpid(), SIGKILL);
    }
    return x;
}

void check_equal(const std::vector<TaskFailure>& read, const std::vector<TaskFailure>& told) {
    REQUIRE(read.size() == told.size());
    for (std::size_t i = 0; i < read.size(); ++i) {
        CAPTURE(i);
        CHECK(read[i].itask == told[i].itask);
        CHECK(read[i].cause == told[i].cause);
        CHECK(read[i].message == told[i].message);
        CHECK(read[i].host == told[i].host);
        CHECK(read[i].num_attempts == told[i].num_attempts);
        CHECK(read[i].end_of_stderr == told[i].end_of_stderr);
        CHECK(read[i].history == told[i].history);
    }
}

template <class R>
std::vector<TaskFailure> failures_in(const std::vector<Result<R>>& results) {
    std::vector<TaskFailure> all;
    for (const auto& result : results)
        if (!result) all.push_back(result.error());
    return all;
}

}  // namespace

TEST_CASE("failures that are read are those that map() told: of tasks that threw or ended their process") {
    const Chain chain;
    auto options = chain.options(GENERATE(Jobs::one_per_chunk, Jobs::pull));
    options.batch_system = GENERATE(as<std::string>{}, "sge", "local");
    options.num_chunks = 4;
    const auto told = failures_in(Pool(options).try_map(fails_in_many_ways, numbers(20)));
    CHECK(told.size() == 3);
    check_equal(read_failures(chain.work_dir()), told);
}

TEST_CASE("failures that are read are those that map() told: of chunks that were given up half way") {
    const Chain chain;
    auto options = chain.options(GENERATE(Jobs::one_per_chunk, Jobs::pull));
    options.batch_system = GENERATE(as<std::string>{}, "sge", "local");
    options.num_chunks = 2;
    options.max_num_resubmissions = GENERATE(0U, 1U);
    const auto told = failures_in(Pool(options).try_map(kills_its_worker_from_five_on, numbers(20)));
    CHECK(told.size() == 5);
    check_equal(read_failures(chain.work_dir()), told);
}

TEST_CASE("failures that are read are those that map() told: of queue jobs in error state") {
    const Chain chain({{.kind = FaultKind::evil}});
    auto options = chain.options(GENERATE(Jobs::one_per_chunk, Jobs::pull));
    options.num_chunks = 3;
    options.max_num_resubmissions = 1;
    const auto told = failures_in(Pool(options).try_map(square, numbers(6)));
    CHECK(told.size() == 6);
    check_equal(read_failures(chain.work_dir()), told);
}

TEST_CASE("failures that are read are those that map() told: of thousands of tasks") {
    const Chain chain({{.kind = FaultKind::evil}});
    auto options = chain.options();
    options.num_chunks = 1;
    options.max_num_resubmissions = 1;
    const auto told = failures_in(Pool(options).try_map(square, numbers(3000)));
    CHECK(told.size() == 3000);
    check_equal(read_failures(chain.work_dir()), told);
}

TEST_CASE("of a map without failures, none are read") {
    const Chain chain;
    CHECK(chain.pool().map(square, numbers(5)) == squares(5));
    CHECK(read_failures(chain.work_dir()).empty());
}
