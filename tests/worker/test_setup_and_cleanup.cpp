#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <stdexcept>

#include "worker/chunk_on_disk.hpp"
#include "worker/map_on_disk.hpp"
#include "worker/worker.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {

enum class Manner { well, throws, crashes, exits };
Manner manner_of_setup = Manner::well;
Manner manner_of_cleanup = Manner::well;

void behave(Manner manner) {
    switch (manner) {
        case Manner::well:
            return;
        case Manner::throws:
            throw std::runtime_error("no licence");
        case Manner::crashes:
            die_by(SIGSEGV);
        case Manner::exits:
            std::exit(0);
    }
}

/// Tells what is called, in which order.
struct Prepared {
    void setup() {
        Diary::write("setup");
        std::printf("printed by setup ");
        behave(manner_of_setup);
    }
    std::int64_t operator()(std::int64_t task) {
        Diary::write(std::to_string(task));
        std::printf("printed by task %d ", static_cast<int>(task));
        if (task == 13) die_by(SIGSEGV);
        return task;
    }
    void cleanup() {
        Diary::write("cleanup");
        std::fprintf(stderr, "printed by cleanup\n");
        behave(manner_of_cleanup);
    }
};

struct OnlySetup {
    void setup() { Diary::write("setup"); }
    std::int64_t operator()(std::int64_t task) const { return task; }
};

/// A map of three chunks in one queue job.
struct PreparedMap : MapOnDisk {
    explicit PreparedMap(Manner of_setup = Manner::well, Manner of_cleanup = Manner::well)
        : MapOnDisk(code_of<Prepared>(), {{0, 1}, {2}, {3}}, {{0, 1, 2}}) {
        manner_of_setup = of_setup;
        manner_of_cleanup = of_cleanup;
    }
    Diary diary;
    ErrorsToFile errors;
};

}  // namespace

TEST_CASE("setup() and cleanup() are called once for all chunks of a queue job") {
    const PreparedMap map;
    CHECK(work(map) == worker_committed);
    CHECK(map.diary.text() == "setup 0 1 2 3 cleanup ");
    CHECK(map.num_results() == 3);
}

TEST_CASE("a function object may have setup() alone") {
    const MapOnDisk map(code_of<OnlySetup>(), {{5}}, {{0}});
    const Diary diary;
    CHECK(work(map) == worker_committed);
    CHECK(diary.text() == "setup ");
}

TEST_CASE("a function object whose chunks have results already is not set up") {
    const PreparedMap map;
    CHECK(work(map) == worker_committed);
    CHECK(work(map) == worker_committed);
    CHECK(map.diary.text() == "setup 0 1 2 3 cleanup ");
}

TEST_CASE("in the process that goes on after a crash setup() is called again") {
    const PreparedMap map;
    map.write_chunk(1, {13, 14});
    CHECK(work(map) == worker_committed);
    CHECK(map.diary.text() == "setup 0 1 13 setup 14 3 cleanup ");
}

TEST_CASE(
    "what setup() prints is in the file of the first chunk, what cleanup() prints on the worker's own") {
    const PreparedMap map;
    CHECK(work(map) == worker_committed);
    CHECK(map.printed(0) == "printed by setup printed by task 0 printed by task 1 ");
    CHECK(map.printed(1) == "printed by task 2 ");
    CHECK(map.printed(2) == "printed by task 3 ");
    CHECK(map.errors.text() == "printed by cleanup\n");
}

TEST_CASE("an exception in setup() fails the chunk that was to come, which may be tried again") {
    const PreparedMap map(Manner::throws);
    CHECK(work(map) == worker_failed);
    CHECK(map.num_results() == 0);
    REQUIRE(map.exit_records().size() == 3);
    const ExitRecord record = map.exit_records()[0];
    CHECK(record.cause == qmr::Cause::worker_failure);
    CHECK(record.message == "setup() threw std::runtime_error: no licence");
    CHECK(record.may_retry);
    CHECK(record.is_by_setup);
    CHECK(map.diary.text() == "setup setup setup ");
}

TEST_CASE("a crash in setup() fails the chunk that was to come, and is told") {
    const PreparedMap map(Manner::crashes);
    CHECK(work(map) == worker_failed);
    REQUIRE(map.exit_records().size() == 3);
    CHECK(map.exit_records()[0].cause == qmr::Cause::crash);
    CHECK(map.exit_records()[0].is_by_setup);
    CHECK(map.exit_records()[0].message ==
          "the process ended in setup(), before its first task: killed by signal 11 (Segmentation fault)");
}

TEST_CASE("what goes wrong in cleanup() is told, and costs nothing") {
    const auto [manner, message] = GENERATE(table<Manner, const char*>({
        {Manner::throws, "qmr worker: cleanup() threw std::runtime_error: no licence\n"},
        {Manner::crashes,
         "qmr worker: cleanup() ended its process: killed by signal 11 (Segmentation fault)\n"},
        {Manner::exits, "qmr worker: cleanup() ended its process: exit code 0\n"},
    }));
    const PreparedMap map(Manner::well, manner);
    CHECK(work(map) == worker_committed);
    CHECK(map.num_results() == 3);
    CHECK(map.exit_records().empty());
    CHECK(map.errors.text() == std::string("printed by cleanup\n") + message);
}
