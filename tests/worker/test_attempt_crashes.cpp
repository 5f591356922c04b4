#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "worker/chunk_on_disk.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {

std::int64_t crashes_of_all_kinds(std::int64_t number) {
    switch (number) {
        case 1:
            die_by(SIGSEGV);
        case 3:
            die_by(SIGABRT);
        case 4:
            std::exit(100);
        case 6:
            ::_exit(99);
        case 7:
            ::_exit(0);
        case 8:
            die_by(SIGFPE);
        default:
            return 10 * number;
    }
}

// Larger than the buffer of the results.
struct LargeAndFatal {
    std::int64_t number = 0;
    template <class Archive>
    void save(Archive& archive) const {
        const std::vector<std::int64_t> much(100'000, number);
        archive(much);
        if (number == 1) die_by(SIGSEGV);
    }
    template <class Archive>
    void load(Archive&) {}
};

constexpr std::int64_t magic = 0x1234'5678'9ABC'DEF0;

// Stands for a wild pointer: damages what the process has written down so far. False: nothing is left of it
// in memory.
bool damage_results() {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t begin = 0;
        std::uintptr_t end = 0;
        if (line.find("rw-s") == std::string::npos || line.find("/dev/zero") == std::string::npos ||
            std::sscanf(line.c_str(), "%zx-%zx", &begin, &end) != 2)
            continue;
        const std::string_view memory(reinterpret_cast<const char*>(begin), end - begin);
        const auto found = memory.find({reinterpret_cast<const char*>(&magic), sizeof magic});
        if (found == std::string_view::npos) continue;
        *reinterpret_cast<char*>(begin + found) = 0;
        return true;
    }
    return false;
}

}  // namespace

TEST_CASE("a crash costs the task that crashed, and nothing else") {
    ChunkOnDisk chunk(10);
    CHECK(chunk.attempt(&crashes_of_all_kinds) == AttemptEnd::committed);
    const Outcomes outcomes = chunk.outcomes();
    REQUIRE(outcomes.size() == 10);
    CHECK(outcomes[0] == value(0));
    CHECK(outcomes[1] == crash("the task ended its process: killed by signal 11 (Segmentation fault)"));
    CHECK(outcomes[2] == value(20));
    CHECK(outcomes[3] == crash("the task ended its process: killed by signal 6 (Aborted)"));
    CHECK(outcomes[4] == crash("the task ended its process: exit code 100"));
    CHECK(outcomes[5] == value(50));
    CHECK(outcomes[6] == crash("the task ended its process: exit code 99"));
    CHECK(outcomes[7] == crash("the task ended its process: exit code 0"));
    CHECK(outcomes[8] == crash("the task ended its process: killed by signal 8 (Floating point exception)"));
    CHECK(outcomes[9] == value(90));
    CHECK(chunk.exit_records().empty());
}

TEST_CASE("a crash of the first task costs that task only") {
    ChunkOnDisk chunk(3);
    CHECK(chunk.attempt([](std::int64_t number) { return number == 0 ? (die_by(SIGSEGV), 0) : number; }) ==
          AttemptEnd::committed);
    CHECK(chunk.outcomes().at(0).kind == RecordKind::crash);
    CHECK(chunk.outcomes().at(2) == value(2));
}

TEST_CASE("a crash of the last task costs that task only") {
    ChunkOnDisk chunk(3);
    CHECK(chunk.attempt([](std::int64_t number) { return number == 2 ? (die_by(SIGSEGV), 0) : number; }) ==
          AttemptEnd::committed);
    const Outcomes outcomes = chunk.outcomes();
    REQUIRE(outcomes.size() == 3);
    CHECK(outcomes[1] == value(1));
    CHECK(outcomes[2].kind == RecordKind::crash);
}

TEST_CASE("a chunk whose tasks all crash is committed all the same") {
    ChunkOnDisk chunk(20);
    CHECK(chunk.attempt([](std::int64_t) -> std::int64_t { ::_exit(1); }) == AttemptEnd::committed);
    const Outcomes outcomes = chunk.outcomes();
    REQUIRE(outcomes.size() == 20);
    for (const Outcome& outcome : outcomes) CHECK(outcome.kind == RecordKind::crash);
}

TEST_CASE("a crash in the middle of writing a large result costs that task only") {
    ChunkOnDisk chunk(3);
    CHECK(chunk.attempt([](ChunkRun& run) {
        while (Loader* loader = run.next_task()) {
            std::int64_t task = 0;
            loader->load(task);
            run.begin_value().save(LargeAndFatal{task});
            run.end_value();
        }
    }) == AttemptEnd::committed);
    RecordReader reader(chunk.work_dir().results(ChunkOnDisk::ichunk).native(),
                        {FileKind::results, ChunkOnDisk::session, ChunkOnDisk::ichunk, 0, 0});
    REQUIRE(reader.next());
    CHECK(reader.payload_size() == 8 + 8 * 100'000);
    REQUIRE(reader.next());
    CHECK(reader.kind() == RecordKind::crash);
    REQUIRE(reader.next());
    CHECK(reader.kind() == RecordKind::value);
    REQUIRE(reader.next());
    CHECK(reader.kind() == RecordKind::info);
    CHECK_FALSE(reader.next());
}

TEST_CASE("a crash after the last task costs nothing, and is told") {
    ChunkOnDisk chunk(2);
    const ErrorsToFile errors;
    CHECK(chunk.attempt([](ChunkRun& run) {
        while (Loader* loader = run.next_task()) {
            std::int64_t task = 0;
            loader->load(task);
            run.begin_value().save(task);
            run.end_value();
        }
        die_by(SIGSEGV);
    }) == AttemptEnd::committed);
    CHECK(chunk.outcomes() == Outcomes{value(0), value(1)});
    CHECK(errors.text() ==
          "qmr worker: what came after the last task ended its process: killed by signal 11 (Segmentation "
          "fault)\n");
}

TEST_CASE("a crash between two tasks costs neither of them") {
    ChunkOnDisk chunk(4);
    CHECK(chunk.attempt([](ChunkRun& run) {
        while (Loader* loader = run.next_task()) {
            std::int64_t task = 0;
            loader->load(task);
            run.begin_value().save(task);
            run.end_value();
            if (task == 1) die_by(SIGSEGV);
        }
    }) == AttemptEnd::committed);
    CHECK(chunk.outcomes() == Outcomes{value(0), value(1), value(2), value(3)});
}

TEST_CASE("results that a task has damaged before it crashed are not kept, nor are those behind them") {
    ChunkOnDisk chunk(5);
    const AttemptEnd end = chunk.attempt([](std::int64_t number) {
        if (number == 3 && damage_results()) die_by(SIGSEGV);
        return number == 1 ? magic : number;
    });
    if (end == AttemptEnd::committed) {
        WARN("the results were in the file already");
        return;
    }
    CHECK(end == AttemptEnd::failed);
    CHECK_THAT(chunk.exit_records().at(0).message,
               Catch::StartsWith("task 403 ended its process and has damaged results of others: "));
    CHECK(chunk.exit_records()[0].num_records == 1);
    CHECK(chunk.num_in_part(chunk.name(".part")) == 1);
}

TEST_CASE("a crash before the first task is no task's fault") {
    ChunkOnDisk chunk(2);
    CHECK(chunk.attempt([](ChunkRun&) { die_by(SIGSEGV); }) == AttemptEnd::failed);
    REQUIRE(chunk.exit_records().size() == 1);
    CHECK(chunk.exit_records()[0].cause == qmr::Cause::crash);
    CHECK_THAT(chunk.exit_records()[0].message,
               Catch::Contains("before its first task: killed by signal 11"));
    CHECK_FALSE(chunk.has_results());
    CHECK(chunk.files(".part").empty());
}

TEST_CASE("a signal that comes from outside ends the attempt, which may be tried again") {
    const auto function = GENERATE(
        as<std::int64_t (*)(std::int64_t)>{},  //
        [](std::int64_t number) { return number == 1 ? (die_by(SIGKILL), 0) : number; },
        [](std::int64_t number) { return number == 1 ? (die_by(SIGTERM), 0) : number; },
        [](std::int64_t number) { return number == 1 ? (die_by(SIGXCPU), 0) : number; },
        [](std::int64_t number) { return number == 1 ? (die_by(SIGUSR2), 0) : number; });
    ChunkOnDisk chunk(3);
    CHECK(chunk.attempt(function) == AttemptEnd::failed);
    REQUIRE(chunk.exit_records().size() == 1);
    const ExitRecord record = chunk.exit_records()[0];
    CHECK(record.cause == qmr::Cause::crash);
    CHECK(record.may_retry);
    CHECK_THAT(record.message,
               Catch::StartsWith("killed by signal ") && Catch::Contains(" while task 401 ran, after "));
    CHECK(record.signal != 0);
    CHECK(record.seconds > 0);
    CHECK(record.peak_memory > 0);
    CHECK_FALSE(record.host.empty());
    CHECK_FALSE(chunk.has_results());
    CHECK(record.num_records == 1);
    CHECK(chunk.num_in_part(chunk.name(".part")) == 1);
}

TEST_CASE("an attempt after one that was killed begins anew when the chunk has no head") {
    ChunkOnDisk chunk(3);
    CHECK(chunk.attempt([](std::int64_t number) { return number == 1 ? (die_by(SIGKILL), 0) : number; }) ==
          AttemptEnd::failed);
    CHECK(chunk.attempt([](std::int64_t number) { return number; }) == AttemptEnd::committed);
    CHECK(chunk.outcomes() == Outcomes{value(0), value(1), value(2)});
}
