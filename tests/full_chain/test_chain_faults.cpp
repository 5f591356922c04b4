// Each fault of the dummy queue that is no trap of its own, on the full chain.

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <thread>

#include "full_chain/chain.hpp"

using namespace qmr;
using namespace qmr::test;
using dummy_queue::Fault;
using dummy_queue::FaultKind;

namespace {

std::int64_t announce_and_wait_at_first(std::int64_t x, const std::string& directory) {
    const std::filesystem::path mark = std::filesystem::path(directory) / "begun";
    if (!std::filesystem::exists(mark)) {
        std::ofstream(mark) << x;
        while (true) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return x * x;
}

}  // namespace

TEST_CASE("chain: a worker that is killed half way is replaced") {
    TemporaryDirectory directory;
    const std::string path = directory.path().native();
    const Chain chain(
        {{.kind = FaultKind::killed, .ichunk = 0, .max_num_fails = 1, .after_file = path + "/begun"}});
    const std::vector<std::int64_t> tasks{3};
    CHECK(chain.pool().map(announce_and_wait_at_first, tasks, std::vector{path}) ==
          std::vector<std::int64_t>{9});
    CHECK(chain.queue().all_faults_struck());
    CHECK(chain.num_events("\"resubmit\"") == 1);
}

TEST_CASE("chain: a queue job that is started twice gives each result once") {
    const Chain chain({{.kind = FaultKind::starts_twice}});
    CHECK(chain.pool().map(square, numbers(6)) == squares(6));
    CHECK(chain.queue().num_fails(FaultKind::starts_twice) == 6);
    CHECK(chain.num_events("\"committed\"") == 6);
}

TEST_CASE("chain: a qsub that says 'not now' with exit code 25 is tried again, and nothing is lost") {
    const Chain chain({{.kind = FaultKind::qsub_refuses, .max_num_fails = 1, .exit_code = 25}});
    CHECK(chain.pool().map(square, numbers(3)) == squares(3));
    CHECK(chain.num_events("\"busy\"") == 1);
    CHECK(chain.num_events("\"submit\"") == 2);
}

TEST_CASE("chain: a qsub that can not reach the queue master is tried again after a look by name") {
    const Chain chain({{.kind = FaultKind::qsub_refuses, .max_num_fails = 2}});
    CHECK(chain.pool().map(square, numbers(3)) == squares(3));
    CHECK(chain.num_events("\"unclear\"") == 2);
    CHECK(chain.num_events("\"submit\"") == 3);
}

TEST_CASE("chain: a qsub that failed though it queued is found by name, and not repeated") {
    const Chain chain({{.kind = FaultKind::qsub_fails_though_queued, .max_num_fails = 1}});
    CHECK(chain.pool().map(square, numbers(3)) == squares(3));
    CHECK(chain.num_events("\"unclear\"") == 1);
    CHECK(chain.num_events("\"submit\"") == 1);
    CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE("chain: a qsub that hangs though it queued is ended by its time limit, and found by name") {
    const Chain chain({{.kind = FaultKind::qsub_hangs_though_queued, .max_num_fails = 1}});
    auto options = chain.options();
    options.command_time_limit = Seconds{0.5};
    CHECK(Pool(options).map(square, numbers(3)) == squares(3));
    CHECK(chain.num_events("\"unclear\"") == 1);
    CHECK(chain.num_events("\"submit\"") == 1);
}

TEST_CASE("chain: a qstat that hangs is ended by its time limit, and the map goes on") {
    const Chain chain({{.kind = FaultKind::qstat_hangs, .max_num_fails = 2}});
    auto options = chain.options();
    options.command_time_limit = Seconds{0.5};
    CHECK(Pool(options).map(square, numbers(3)) == squares(3));
    CHECK(chain.queue().all_faults_struck());
    CHECK(chain.num_events("\"submit\"") == 1);
}

TEST_CASE("chain: a qdel that hangs is ended by its time limit, and the map goes on") {
    const Chain chain({{.kind = FaultKind::evil, .ichunk = 1, .max_num_fails = 1},
                       {.kind = FaultKind::qdel_hangs, .max_num_fails = 1}});
    auto options = chain.options();
    options.command_time_limit = Seconds{0.5};
    CHECK(Pool(options).map(square, numbers(3)) == squares(3));
    CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE(
    "chain: a submission that the batch system refuses for good is told, and nothing stays in the queue") {
    const Chain chain({{.kind = FaultKind::qsub_refuses,
                        .max_num_fails = 1,
                        .message = "Unable to run job: unknown resource \"nosuch\""}});
    CHECK_THROWS_MATCHES(
        chain.pool().map(square, numbers(3)), QueueError,
        Catch::Message("map: the batch system refused the queue jobs: Unable to run job: unknown "
                       "resource \"nosuch\"; the files are kept in " +
                       chain.work_dir().native()));
    CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE("chain: when one of many submissions is refused, those before it do not stay in the queue") {
    const Chain chain({{.kind = FaultKind::qsub_refuses,
                        .max_num_fails = 1,
                        .max_num_spared = 2,
                        .message = "Unable to run job: unknown resource \"nosuch\""}});
    auto options = chain.options();
    options.arrays = false;
    CHECK_THROWS_AS(Pool(options).map(square, numbers(5)), QueueError);
    CHECK(chain.queue().state().num_qsub_calls == 3);
    CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE("chain: a batch system that never answers is given up, and the last words of qstat are told") {
    const Chain chain({{.kind = FaultKind::qstat_fails, .max_num_fails = 12}});
    CHECK_THROWS_WITH(chain.pool().map(square, numbers(3)),
                      Catch::Contains("has not answered 10 times") && Catch::Contains("Connection refused"));
    CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE("chain: one queue job for each chunk where arrays are not allowed") {
    const Chain chain({{.kind = FaultKind::evil, .ichunk = 2, .max_num_fails = 2}});
    auto options = chain.options();
    options.arrays = false;
    CHECK(Pool(options).map(square, numbers(5)) == squares(5));
    CHECK(chain.num_events("\"submitted\"") == 7);
    CHECK(chain.num_events("#000000002\"") == 3);
}

TEST_CASE("chain: arrays are split at the limit") {
    const Chain chain;
    auto options = chain.options();
    options.max_array_size = 4;
    CHECK(Pool(options).map(square, numbers(10)) == squares(10));
    CHECK(chain.num_events("\"submitted\"") == 3);
}

TEST_CASE("chain: what the user asks for reaches qsub") {
    const Chain chain;
    auto options = chain.options();
    options.queue_name = "long.q";
    options.max_num_running = 2;
    options.resources.memory = std::uint64_t{2} << 30;
    options.resources.walltime = std::chrono::seconds(3600);
    options.resources.slots = 4;
    options.resources.parallel_environment = "smp";
    options.resources.account = "physics";
    options.resources.submit_arguments = {"-p", "-5"};
    CHECK(Pool(options).map(square, numbers(5)) == squares(5));
    const std::string log = chain.text_of("log.jsonl");
    for (const char* part : {R"("-q","long.q")", R"("-tc","2")", R"(h_rt=3600)", R"(h_vmem=2147483648)",
                             R"("-pe","smp","4")", R"("-P","physics")", R"("-p","-5")"})
        CHECK_THAT(log, Catch::Contains(part));
}

TEST_CASE("chain: 100 chunks, with all that can go wrong at once") {
    const Chain chain({{.kind = FaultKind::evil, .max_num_fails = 20, .max_num_spared = 5},
                       {.kind = FaultKind::vanishes, .max_num_fails = 10, .max_num_spared = 30},
                       {.kind = FaultKind::starts_twice, .max_num_fails = 10, .max_num_spared = 20},
                       {.kind = FaultKind::late_out, .ichunk = 40, .max_num_fails = 1, .num_calls = 5},
                       {.kind = FaultKind::qstat_garbage, .max_num_fails = 5, .max_num_spared = 20},
                       {.kind = FaultKind::qstat_fails, .max_num_fails = 5, .max_num_spared = 40},
                       {.kind = FaultKind::qdel_fails, .max_num_fails = 2}});
    auto options = chain.options();
    options.num_chunks = 100;
    CHECK(Pool(options).map(square, numbers(1000)) == squares(1000));
    CHECK(chain.queue().num_tasks_left() == 0);
}
