// Tasks that fail: what the caller learns, and what is kept.

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <ranges>
#include <stdexcept>

#include "full_chain/chain.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

class NoSuchEvent : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

int fails_for_some(int x) {
    if (x % 10 == 3) throw NoSuchEvent("no such event");
    if (x == 5) throw 42;
    return x;
}

int crashes_for_some(int x) {
    if (x == 2) std::raise(SIGSEGV);
    if (x == 4) std::abort();
    if (x == 6) std::exit(100);
    if (x == 8) std::_Exit(99);
    return x;
}

int complains(int x) {
    if (x == 1) std::cerr << "task " << x << " is unhappy\n";
    std::printf("task %d\n", x);
    return x;
}

std::int64_t lacks_room_at_first(std::int64_t x, const std::string& mark) {
    if (std::filesystem::exists(mark)) return x * x;
    std::ofstream(mark) << "was here";
    throw WorkerFailure("no room for the spool file");
}

struct Refuses {
    int x = 0;
    void save(cereal::BinaryOutputArchive&) const { throw std::logic_error("I will not be written"); }
    void load(cereal::BinaryInputArchive&) {}
};

struct Local {
    TemporaryDirectory directory;
    PoolOptions options = local_options(directory.path().native());
    Local() { options.keep_work_dir = false; }
    std::filesystem::path work_dir() const { return options.work_dir; }
};

}  // namespace

TEST_CASE("what a worker lacks is no fault of its task, which another one runs") {
    const Chain chain;
    auto options = chain.options(GENERATE(Jobs::one_per_chunk, Jobs::pull));
    options.batch_system = GENERATE(as<std::string>{}, "sge", "local");
    const std::vector<std::string> marks(3, (chain.directory() / "mark").native());
    CHECK(Pool(options).map(lacks_room_at_first, numbers(3), marks) == squares(3));
    CHECK(chain.num_events("no room for the spool file") > 0);
}

TEST_CASE("map throws when a task failed, tells what and how often, and still holds what was computed") {
    Local local;
    std::vector<int> tasks(40);
    for (int i = 0; i < 40; ++i) tasks[static_cast<std::size_t>(i)] = i;
    try {
        static_cast<void>(Pool(local.options).map(fails_for_some, tasks));
        FAIL("map did not throw");
    } catch (const MapError& error) {
        CHECK(error.num_tasks() == 40);
        CHECK(error.failures().size() == 5);
        CHECK(error.work_dir() == local.work_dir());
        CHECK_THAT(error.what(),
                   Catch::StartsWith("5 of 40 tasks failed: 4 x (anonymous namespace)::NoSuchEvent: no such "
                                     "event (tasks 3, 13, 23, 33); 1 x int: not a std::exception (task 5)"));
        CHECK_THAT(error.what(), Catch::Contains(local.work_dir().native()));
        const auto& results = error.results<int>();
        REQUIRE(results.size() == 40);
        for (std::size_t i = 0; i < 40; ++i) {
            const bool has_failed = i % 10 == 3 || i == 5;
            CHECK(results[i].has_value() == !has_failed);
            if (!has_failed) CHECK(*results[i] == static_cast<int>(i));
        }
        CHECK(std::filesystem::exists(local.work_dir()));
    }
}

TEST_CASE("try_map gives a value or a failure for each task") {
    Local local;
    const auto results = Pool(local.options).try_map(fails_for_some, std::vector{1, 3, 5});
    CHECK(results[0].value() == 1);
    CHECK(results[1].error().itask == 1);
    CHECK(results[1].error().cause == Cause::exception);
    CHECK(results[1].error().message == "(anonymous namespace)::NoSuchEvent: no such event");
    CHECK_FALSE(results[1].error().host.empty());
    CHECK(results[1].error().num_attempts == 1);
    CHECK(results[2].error().message == "int: not a std::exception");
    CHECK_THROWS_AS(results[2].value(), NoResult);
}

TEST_CASE("a task that ends its process costs its own result only, and no exit code of it is passed on") {
    Local local;
    local.options.num_chunks = 1;
    const auto results =
        Pool(local.options).try_map(crashes_for_some, std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    for (std::size_t i = 0; i < 10; ++i) {
        const bool has_crashed = i == 2 || i == 4 || i == 6 || i == 8;
        REQUIRE(results[i].has_value() == !has_crashed);
        if (has_crashed) CHECK(results[i].error().cause == Cause::crash);
    }
    CHECK_THAT(results[2].error().message, Catch::Contains("signal 11"));
    CHECK_THAT(results[4].error().message, Catch::Contains("signal 6"));
    CHECK_THAT(results[6].error().message, Catch::Contains("exit code 100"));
    CHECK_THAT(results[8].error().message, Catch::Contains("exit code 99"));
}

TEST_CASE("chain: a task that exits with 100 does not bring its queue job to the error state") {
    const Chain chain;
    auto options = chain.options();
    options.num_chunks = 2;
    const auto results = Pool(options).try_map(crashes_for_some, std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK_FALSE(results[6].has_value());
    CHECK(results[9].has_value());
    CHECK(chain.num_events("\"resubmit\"") == 0);
}

TEST_CASE("a void function can fail, too") {
    Local local;
    const auto f = [](int x) {
        if (x == 1) throw std::runtime_error("one");
    };
    const auto results = Pool(local.options).try_map(f, std::vector{0, 1});
    CHECK(results[0].has_value());
    CHECK(results[1].error().message == "std::runtime_error: one");
    std::filesystem::remove_all(local.work_dir());
    CHECK_THROWS_AS(Pool(local.options).map(f, std::vector{0, 1}), MapError);
}

TEST_CASE("move-only results survive the failure of another task") {
    Local local;
    const auto f = [](int x) {
        if (x == 1) throw std::runtime_error("one");
        return std::make_unique<int>(x);
    };
    try {
        static_cast<void>(Pool(local.options).map(f, std::vector{0, 1, 2}));
        FAIL("map did not throw");
    } catch (const MapError& error) {
        CHECK(**error.results<std::unique_ptr<int>>()[2] == 2);
    }
}

TEST_CASE("a result that can not be written fails its task") {
    Local local;
    const auto results = Pool(local.options).try_map([](int x) { return Refuses{x}; }, std::vector{1, 2});
    CHECK(results[0].error().message == "std::logic_error: I will not be written");
}

TEST_CASE("the work_dir is removed after a clean map") {
    Local local;
    CHECK(Pool(local.options).map(square, numbers(3)) == squares(3));
    CHECK_FALSE(std::filesystem::exists(local.work_dir()));
}

TEST_CASE("the work_dir is kept when the user asks for it") {
    Local local;
    local.options.keep_work_dir = true;
    CHECK(Pool(local.options).map(square, numbers(3)) == squares(3));
    CHECK(std::filesystem::exists(local.work_dir() / "manifest.json"));
}

TEST_CASE("the work_dir is kept when a task wrote to stderr, and holds what each chunk printed") {
    Local local;
    local.options.num_chunks = 3;
    CHECK(Pool(local.options).map(complains, std::vector{0, 1, 2}) == std::vector{0, 1, 2});
    REQUIRE(std::filesystem::exists(local.work_dir()));
    CHECK(text_of(local.work_dir() / "000000001.e") == "task 1 is unhappy\n");
    CHECK_FALSE(std::filesystem::exists(local.work_dir() / "000000000.e"));
    CHECK(text_of(local.work_dir() / "000000002.o") == "task 2\n");
}

TEST_CASE("what goes to stdout alone is no reason to keep the work_dir") {
    Local local;
    CHECK(Pool(local.options).map(complains, std::vector{0, 2}) == std::vector{0, 2});
    CHECK_FALSE(std::filesystem::exists(local.work_dir()));
}

TEST_CASE("the end of stderr comes with the failure") {
    Local local;
    const auto f = [](int) -> int {
        std::cerr << std::string(5000, 'x') << "the last words\n";
        throw std::runtime_error("dead");
    };
    const auto results = Pool(local.options).try_map(f, std::vector{1});
    CHECK(results[0].error().end_of_stderr.size() == 2000);
    CHECK_THAT(results[0].error().end_of_stderr, Catch::EndsWith("the last words\n"));
}

TEST_CASE("a worker that can not start is told with its own words, after as many attempts as allowed") {
    Local local;
    local.options.max_num_resubmissions = 1;
    // The shell that becomes the worker is told to change to a directory that is gone by then.
    const auto here = std::filesystem::current_path();
    const TemporaryDirectory gone;
    std::filesystem::create_directory(gone.path().native() + "/inner");
    std::filesystem::current_path(gone.path().native() + "/inner");
    auto tasks = std::views::iota(0, 2) | std::views::transform([&](int i) {
                     std::filesystem::remove(gone.path().native() + "/inner");
                     return i;
                 });
    const auto results = Pool(local.options).try_map([](int x) { return x; }, tasks);
    std::filesystem::current_path(here);
    CHECK(results[0].error().cause == Cause::worker_failure);
    CHECK(results[0].error().num_attempts == 2);
    CHECK_THAT(results[0].error().message, Catch::Contains("exit code 3") && Catch::Contains("inner"));
}

TEST_CASE("an executable that was rebuilt while queue jobs waited is not run, and the reason is told") {
    const Chain chain;
    // Stands for a rebuild: the manifest names another build-id by the time the worker reads it.
    auto tasks = std::views::iota(0, 2);
    const Jobs jobs = GENERATE(Jobs::one_per_chunk, Jobs::pull);
    auto options = chain.options(jobs);
    options.qsub_path = (chain.directory() / "qsub").native();
    {
        std::ofstream script(options.qsub_path);
        script << "#!/bin/sh\nsed -i 's/\"build_id\": \"..../\"build_id\": \"0000/' '"
               << chain.work_dir().native() << "/manifest.json'\nexec '"
               << dummy_queue::DummyQueue::qsub_path().native() << "' \"$@\"\n";
    }
    std::filesystem::permissions(options.qsub_path, std::filesystem::perms::owner_all);
    const auto results = Pool(options).try_map([](int x) { return x; }, tasks);
    CHECK(results[0].error().cause == Cause::binary_changed);
    CHECK(results[0].error().num_attempts == (jobs == Jobs::pull ? 0 : 1));
    CHECK_THAT(results[0].error().message, Catch::Contains("rebuilt"));
    CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE("a result file that was corrupted on its way is computed again") {
    const Chain chain;
    auto options = chain.options();
    options.qstat_path = (chain.directory() / "qstat").native();
    {
        // After the first result is there, a byte in the middle of it is changed; once.
        std::ofstream script(options.qstat_path);
        script << "#!/bin/sh\n'" << dummy_queue::DummyQueue::qstat_path().native() << "' \"$@\" || exit\n"
               << "out='" << chain.work_dir().native() << "/000000001.out'\n"
               << "if [ -e \"$out\" ] && [ ! -e '" << chain.directory().native() << "/once' ]; then\n"
               << "  printf X | dd of=\"$out\" bs=1 seek=64 conv=notrunc 2>/dev/null; : > '"
               << chain.directory().native() << "/once'\nfi\n";
    }
    std::filesystem::permissions(options.qstat_path, std::filesystem::perms::owner_all);
    CHECK(Pool(options).map(square, numbers(4)) == squares(4));
    CHECK(chain.num_events("\"rejected\"") == 1);
    CHECK(chain.num_events("\"resubmit\"") == 1);
}

TEST_CASE("chain: what a function tells of a failure reaches the caller as it is") {
    const auto f = [](std::int64_t) -> std::int64_t {
        throw TaskError({.message = "exit code 3", .exit_code = 3, .seconds = 1.5, .peak_memory = 4096},
                        "no such file\n", "{\"stdout\": \"here\"}");
    };
    const Chain chain;
    const auto results = chain.pool().try_map(f, numbers(1));
    REQUIRE(results.size() == 1);
    const TaskFailure& failure = results[0].error();
    CHECK(failure.cause == Cause::exception);
    CHECK(failure.message == "exit code 3");
    CHECK(failure.end_of_stderr == "no such file\n");
    CHECK(failure.details == "{\"stdout\": \"here\"}");
    REQUIRE(failure.history.size() == 1);
    CHECK(failure.history[0].exit_code == 3);
    CHECK(failure.history[0].seconds == 1.5);
    CHECK(failure.history[0].peak_memory == 4096);
    CHECK_FALSE(failure.history[0].host.empty());
}
