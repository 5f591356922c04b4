#include <catch2/catch.hpp>

#include "pool/plan.hpp"
#include "qmr/error.hpp"

using namespace qmr;
using namespace qmr::detail;

TEST_CASE("as many chunks as asked for are planned, but not more than tasks") {
    PoolOptions options;
    options.num_chunks = 7;
    CHECK(plan_num_chunks(options, 100, std::nullopt) == 7);
    CHECK(plan_num_chunks(options, 100, 2) == 7);
    CHECK(plan_num_chunks(options, 3, 2) == 3);
}

TEST_CASE("a chunk size gives as many chunks as it takes") {
    PoolOptions options;
    options.chunk_size = 10;
    CHECK(plan_num_chunks(options, 100, 2) == 10);
    CHECK(plan_num_chunks(options, 101, 2) == 11);
    CHECK(plan_num_chunks(options, 1, std::nullopt) == 1);
}

TEST_CASE("without a wish, a batch system gets a chunk for each task, up to a thousand") {
    const PoolOptions options;
    CHECK(plan_num_chunks(options, 10, std::nullopt) == 10);
    CHECK(plan_num_chunks(options, 1'000'000, std::nullopt) == 1000);
}

TEST_CASE("without a wish, local cores get some chunks each, and fewer where tasks are many") {
    const PoolOptions options;
    CHECK(plan_num_chunks(options, 5, 4) == 5);
    CHECK(plan_num_chunks(options, 1000, 4) == 64);
    CHECK(plan_num_chunks(options, 39'999, 4) == 64);
    CHECK(plan_num_chunks(options, 40'000, 4) == 8);
}

TEST_CASE("options are good as they come, for a known number of tasks") {
    CHECK_NOTHROW(check_options(PoolOptions{}, 10));
    CHECK_THROWS_AS(check_options(PoolOptions{}, std::nullopt), BadInput);
}

TEST_CASE("queue jobs pull where there are more chunks than slots that are known, or where none are") {
    PoolOptions options;
    CHECK(plan_jobs(options, 200, std::nullopt) == JobsPlan{true, 200, Seconds{3600}});
    CHECK(plan_jobs(options, 20'000, std::nullopt) == JobsPlan{true, 1000, Seconds{3600}});
    CHECK(plan_jobs(options, 16, 2) == JobsPlan{true, 2, Seconds{3600}});
    CHECK(plan_jobs(options, 1, std::nullopt) == JobsPlan{});
    CHECK(plan_jobs(options, 2, 2) == JobsPlan{});
    options.max_num_running = 5;
    CHECK(plan_jobs(options, 200, std::nullopt).max_num_jobs == 5);
    CHECK(plan_jobs(options, 200, 2).max_num_jobs == 2);
    CHECK(plan_jobs(options, 5, std::nullopt) == JobsPlan{});
}

TEST_CASE("whether queue jobs pull can be told") {
    PoolOptions options;
    options.jobs = Jobs::one_per_chunk;
    CHECK(plan_jobs(options, 200, std::nullopt) == JobsPlan{});
    options.jobs = Jobs::pull;
    CHECK(plan_jobs(options, 1, std::nullopt) == JobsPlan{true, 1, Seconds{3600}});
    CHECK(plan_jobs(options, 2, 8) == JobsPlan{true, 2, Seconds{3600}});
}

TEST_CASE("a slot is given back after an hour, half of the walltime, or what is asked for") {
    PoolOptions options;
    options.resources.walltime = std::chrono::seconds(600);
    CHECK(plan_jobs(options, 200, std::nullopt).max_job_time == Seconds{300});
    options.resources.walltime = std::chrono::hours(24);
    CHECK(plan_jobs(options, 200, std::nullopt).max_job_time == Seconds{3600});
    options.max_job_time = Seconds{7};
    CHECK(plan_jobs(options, 200, std::nullopt).max_job_time == Seconds{7});
}
