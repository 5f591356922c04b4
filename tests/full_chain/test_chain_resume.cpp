// A process that maps is killed, and another one goes on: the same results, and nothing is submitted twice.

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <random>
#include <thread>

#include "full_chain/resumed.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

std::size_t num_results(const std::filesystem::path& work_dir) {
    std::size_t number = 0;
    for (const auto& entry : std::filesystem::directory_iterator(work_dir))
        number += entry.path().extension() == ".out" ? 1U : 0U;
    return number;
}

}  // namespace

TEST_CASE("resume: a map whose process is killed again and again comes to its results") {
    const auto seed = GENERATE(range(0U, 5U));
    for (const Site& site : all_sites) {
        INFO(site.name << ", seed " << seed);
        std::mt19937 random(seed);
        const Resumed map(site);
        int num_kills = 0;
        // Each time it lives longer, however busy the machine is, since a process that never lives as long as
        // the patience with what has vanished gets nowhere.
        double growth = 1;
        while (!map.ends_within(
            std::chrono::milliseconds(static_cast<int>(static_cast<double>(10 + random() % 80) * growth)))) {
            growth *= 1.1;
            REQUIRE(++num_kills < 200);
        }
        CHECK(map.is_right());
        if (!site.is_local) CHECK(map.chain().queue().num_tasks_left() == 0);
        // Each kill costs what was running, of at most as many queue jobs as run at a time.
        CHECK(map.num_runs() <= 30 + static_cast<std::size_t>(num_kills) * 10);
    }
}

TEST_CASE("resume: results that are there are not computed again") {
    for (const Site& site : all_sites) {
        INFO(site.name);
        const Resumed map(site, 10);
        InProcess caller([&] { return map.is_right() ? 0 : 1; });
        const auto work_dir = map.chain().work_dir();
        while (!std::filesystem::exists(work_dir / "manifest.json") || num_results(work_dir) < 3)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        ::kill(caller.pid(), SIGKILL);
        CHECK(caller.ended_by() == SIGKILL);
        CHECK(map.is_right());
        // The chunks of three tasks that were not done may have run before.
        CHECK(map.num_runs() <= 30 + 7 * 3);
        for (int task = 0; task < 3; ++task)
            CHECK(text_of(map.chain().directory() / ("ran_" + std::to_string(task))).size() <= 4);
    }
}

TEST_CASE("resume: of a chunk that was half done, only what is left is computed") {
    for (const Site& site : all_sites) {
        INFO(site.name);
        const Resumed map(site, 30);
        auto options = map.options();
        options.num_chunks = 1;
        const auto ran = [&](int task) {
            return text_of(map.chain().directory() / ("ran_" + std::to_string(task))).size() / 2;
        };
        InProcess caller([&] {
            static_cast<void>(Pool(options).map(map.function(), numbers(30)));
            return 0;
        });
        while (ran(10) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        ::kill(caller.pid(), SIGKILL);
        CHECK(caller.ended_by() == SIGKILL);
        const std::string said = (map.chain().directory() / "said").native();
        InProcess next([&] {
            static_cast<void>(std::freopen(said.c_str(), "w", stderr));
            options.progress = Progress::lines;
            return Pool(options).map(map.function(), numbers(30)) == squares(30) ? 0 : 1;
        });
        CHECK(next.exit_code() == 0);
        CHECK_THAT(text_of(said), Catch::Matches("[^]*: (9|[12][0-9]|30) of 30 tasks were done[^]*"));
        // The last ones may not have come to the disk, or the queue job ran on.
        for (int task = 0; task < 9; ++task) CHECK(ran(task) == 1);
        CHECK(map.num_runs() <= 32);
    }
}

TEST_CASE("resume: a map that is complete gives its results and starts nothing") {
    for (const Site& site : all_sites) {
        INFO(site.name);
        const Resumed map(site, 0);
        REQUIRE(map.is_right());
        const std::size_t num_submissions = map.chain().num_events("\"event\":\"submit\"");
        CHECK(map.is_right());
        CHECK(map.num_runs() == 30);
        CHECK(map.chain().num_events("\"event\":\"submit\"") == num_submissions);
    }
}

TEST_CASE("resume: a person is told what there was") {
    for (const Site& site : all_sites) {
        INFO(site.name);
        const Resumed map(site, 0);
        REQUIRE(map.is_right());
        const std::string said = (map.chain().directory() / "said").native();
        InProcess caller([&] {
            static_cast<void>(std::freopen(said.c_str(), "w", stderr));
            auto options = map.options();
            options.progress = Progress::lines;
            return Pool(options).map(map.function(), numbers(30)) == squares(30) ? 0 : 1;
        });
        CHECK(caller.exit_code() == 0);
        CHECK_THAT(text_of(said),
                   Catch::Contains("qmr: going on with the map in " + map.chain().work_dir().native() +
                                   ": 30 of 30 tasks were done\n"));
    }
}

TEST_CASE("resume: a submission whose answer was not written down is found by its name") {
    const Site site = all_sites[GENERATE(0, 1)];
    const Resumed map(site);
    const std::string qsub = (map.chain().directory() / "qsub").native();
    std::ofstream(qsub) << "#!/bin/sh\n"
                        << dummy_queue::DummyQueue::qsub_path().native() << " \"$@\"\n"
                        << "kill -KILL $PPID\n";
    std::filesystem::permissions(qsub, std::filesystem::perms::owner_all);
    InProcess caller([&] {
        auto options = map.options();
        options.qsub_path = qsub;
        static_cast<void>(Pool(options).map(map.function(), numbers(30)));
        return 0;
    });
    CHECK(caller.ended_by() == SIGKILL);
    CHECK(map.chain().num_events("\"event\":\"submitted\"") == 0);
    CHECK(map.is_right());
    CHECK(map.chain().num_events("\"event\":\"submit\"") == 1);
    CHECK(map.num_runs() == 30);
}

TEST_CASE("resume: after Ctrl-C a map goes on without waiting for what was deleted") {
    const Site site = all_sites[GENERATE(0, 1, 2, 3)];
    INFO(site.name);
    const Resumed map(site, 10);
    InProcess caller([&] {
        auto options = map.options();
        options.command_time_limit = Seconds{0.5};
        static_cast<void>(Pool(options).map(map.function(), numbers(30)));
        return 0;
    });
    const auto work_dir = map.chain().work_dir();
    while (!std::filesystem::exists(work_dir / "manifest.json") || num_results(work_dir) < 2)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ::kill(caller.pid(), SIGINT);
    CHECK(caller.ended_by() == SIGINT);
    auto options = map.options();
    options.file_system_latency = Seconds{3600};
    CHECK(Pool(options).map(map.function(), numbers(30)) == squares(30));
}

TEST_CASE("resume: a chunk that was torn by a loss of power is written again") {
    const Resumed map(all_sites[GENERATE(0, 2)], 0);
    REQUIRE(map.is_right());
    const auto work_dir = map.chain().work_dir();
    for (const char* name : {"000000003.out", "000000004.out", "function.bin"})
        std::filesystem::remove(work_dir / name);
    std::filesystem::remove_all(work_dir / "claims");
    std::filesystem::create_directory(work_dir / "claims");
    std::filesystem::resize_file(work_dir / "000000003.chunk", 60);
    std::filesystem::remove(work_dir / "000000004.chunk");
    CHECK(map.is_right());
    CHECK(map.num_runs() == 36);
}

TEST_CASE("resume: what failed for good is tried again") {
    const Chain chain({{.kind = dummy_queue::FaultKind::evil, .ichunk = 1, .max_num_fails = 1}});
    auto options = chain.options();
    options.num_chunks = 3;
    options.max_num_resubmissions = 0;
    CHECK_THROWS_AS(Pool(options).map(square, numbers(3)), MapError);
    options.resume = std::exchange(options.work_dir, "");
    CHECK(Pool(options).map(square, numbers(3)) == squares(3));
}

TEST_CASE("resume: where there is no map yet, one begins") {
    const Resumed map(all_sites[2], 0);
    const auto work_dir = map.chain().work_dir();
    SECTION("nothing is there") {}
    SECTION("the directory is empty") {
        std::filesystem::create_directory(work_dir);
    }
    SECTION("a process was killed before it had written all tasks") {
        std::filesystem::create_directories(work_dir / "claims");
        std::filesystem::create_directory(work_dir / "queue_jobs");
        for (const char* name : {"000000000.chunk", "000000001.chunk.tmp", "journal.jsonl", "function.bin"})
            std::ofstream(work_dir / name) << "torn";
    }
    CHECK(map.is_right());
    CHECK(map.is_right());
    CHECK(map.num_runs() == 30);
}

TEST_CASE("resume: a map whose first submission was refused can be gone on with again and again") {
    const Chain chain({{.kind = dummy_queue::FaultKind::qsub_refuses,
                        .max_num_fails = 1,
                        .message = "Unable to run job: job rejected: no such queue"}});
    auto options = chain.options();
    CHECK_THROWS_AS(Pool(options).map(square, numbers(3)), QueueError);
    options.resume = std::exchange(options.work_dir, "");
    for (int i = 0; i < 3; ++i) CHECK(Pool(options).map(square, numbers(3)) == squares(3));
}

TEST_CASE("resume: where the journal can not be read, queue jobs that run are left alone") {
    const Resumed map(all_sites[GENERATE(0, 1)], 10);
    InProcess caller([&] { return map.is_right() ? 0 : 1; });
    const auto work_dir = map.chain().work_dir();
    while (!std::filesystem::exists(work_dir / "manifest.json") || num_results(work_dir) < 2)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ::kill(caller.pid(), SIGKILL);
    CHECK(caller.ended_by() == SIGKILL);
    const auto num_left = map.chain().queue().num_tasks_left();
    REQUIRE(num_left > 0);
    const std::string journal = map.chain().text_of("journal.jsonl");
    std::ofstream(work_dir / "journal.jsonl", std::ios::app) << "garbage\n";
    CHECK_THROWS_WITH(map.is_right(), Catch::Contains("queue jobs that run were left alone"));
    CHECK(map.chain().queue().num_tasks_left() >= num_left - 1);
    std::ofstream(work_dir / "journal.jsonl") << journal;
    CHECK(map.is_right());
}
