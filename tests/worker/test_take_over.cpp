// Attempts that begin where earlier ones have ended.

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>

#include "adapters/chunk_head.hpp"
#include "adapters/record_files.hpp"
#include "worker/chunk_on_disk.hpp"

using namespace qmr;
using namespace qmr::detail;
using namespace qmr::test;

namespace {

std::int64_t same_number(std::int64_t number) {
    return number;
}
// Tells which results are not of the first attempt.
std::int64_t other_number(std::int64_t number) {
    return -number;
}

/// A chunk of six tasks whose first attempt was killed in task 3.
struct InterruptedChunk : ChunkOnDisk {
    InterruptedChunk() : ChunkOnDisk(6) {
        CHECK(attempt([](std::int64_t number) { return number == 3 ? (die_by(SIGKILL), 0) : number; }) ==
              AttemptEnd::failed);
        part = name(".part");
        REQUIRE(exit_records().at(0).num_records == 3);
    }
    void write_head(std::uint64_t num_records, std::optional<FailureRecord> failed = {}) const {
        ChunkHead{part, num_records, std::move(failed)}.write(work_dir(), ChunkOnDisk::ichunk);
    }
    [[nodiscard]] fs::path part_path() const { return work_dir().path() / part; }
    std::string part;
};

FailureRecord blamed() {
    FailureRecord failed;
    failed.cause = Cause::out_of_memory;
    failed.message = "too large";
    failed.end_of_stderr = "oh";
    failed.history.push_back({Cause::out_of_memory, "killed", "node7", SIGKILL, 0, 3, 1'000'000});
    return failed;
}

}  // namespace

TEST_CASE("an attempt takes over what an earlier one has left, and runs the rest") {
    InterruptedChunk chunk;
    chunk.write_head(3);
    CHECK(chunk.attempt(&other_number) == AttemptEnd::committed);
    CHECK(chunk.outcomes() == Outcomes{value(0), value(1), value(2), value(-3), value(-4), value(-5)});
    CHECK(chunk.names(".part") == std::vector{chunk.part});
}

TEST_CASE("of a part only as many outcomes are taken over as the head says") {
    InterruptedChunk chunk;
    chunk.write_head(2);
    CHECK(chunk.attempt(&other_number) == AttemptEnd::committed);
    CHECK(chunk.outcomes() == Outcomes{value(0), value(1), value(-2), value(-3), value(-4), value(-5)});
}

TEST_CASE(
    "a task that is to blame for the end of earlier attempts is not run again, and its neighbours are") {
    InterruptedChunk chunk;
    chunk.write_head(3, blamed());
    CHECK(chunk.attempt([](std::int64_t number) { return number == 3 ? (die_by(SIGKILL), 0) : -number; }) ==
          AttemptEnd::committed);
    CHECK(chunk.outcomes() ==
          Outcomes{value(0), value(1), value(2), crash("too large"), value(-4), value(-5)});
    const auto failures = chunk.failures();
    REQUIRE(failures.size() == 1);
    CHECK(failures[0].cause == Cause::out_of_memory);
    CHECK(failures[0].end_of_stderr == "oh");
    CHECK(failures[0].history == blamed().history);
}

TEST_CASE("the first task of a chunk may be to blame") {
    ChunkOnDisk chunk(2);
    ChunkHead{"", 0, blamed()}.write(chunk.work_dir(), ChunkOnDisk::ichunk);
    CHECK(chunk.attempt(&same_number) == AttemptEnd::committed);
    CHECK(chunk.outcomes() == Outcomes{crash("too large"), value(1)});
}

TEST_CASE("what is left of a damaged part is taken over, and nobody is blamed by a wrong place") {
    InterruptedChunk chunk;
    std::size_t num_kept = 0;
    chunk.write_head(3, blamed());
    SECTION("missing") {
        fs::remove(chunk.part_path());
    }
    SECTION("torn earlier than promised") {
        fs::resize_file(chunk.part_path(), fs::file_size(chunk.part_path()) - 5);
        num_kept = 2;
    }
    SECTION("damaged") {
        std::string bytes = read_file(chunk.part_path());
        bytes[56 + 14 + 6] ^= 1;
        write_file(chunk.part_path(), bytes);
        num_kept = 1;
    }
    SECTION("of another map") {
        fs::remove(chunk.part_path());
        REQUIRE(write_records(
            chunk.part_path(),
            {{RecordKind::value, noise(8)}, {RecordKind::value, noise(8)}, {RecordKind::value, noise(8)}}));
    }
    SECTION("a directory") {
        chunk.part = "..";
        chunk.write_head(3, blamed());
    }
    CHECK(chunk.attempt(&other_number) == AttemptEnd::committed);
    Outcomes expected;
    for (std::int64_t task = 0; task < 6; ++task)
        expected.push_back(value(static_cast<std::size_t>(task) < num_kept ? task : -task));
    CHECK(chunk.outcomes() == expected);
}

TEST_CASE("a head that can not be read costs what it stood for, and is told") {
    InterruptedChunk chunk;
    const fs::path head = chunk.work_dir().head(ChunkOnDisk::ichunk);
    write_file(head, GENERATE("{\"part\": 1", "[]", "", "{\"part\": \"../f\", \"num_records\": 1}"));
    const ErrorsToFile errors;
    CHECK(chunk.attempt(&other_number) == AttemptEnd::committed);
    CHECK(chunk.outcomes() == Outcomes{value(0), value(-1), value(-2), value(-3), value(-4), value(-5)});
    const std::string said = errors.text();
    CHECK_THAT(said,
               Catch::StartsWith("qmr worker: the chunk begins with its first task again: " + head.native()));
    CHECK(std::ranges::count(said, '\n') == 1);
}

TEST_CASE("a chunk all of whose tasks have outcomes is committed without a process") {
    ChunkOnDisk chunk(3);
    CHECK(chunk.attempt([](std::int64_t number) { return number == 2 ? (die_by(SIGKILL), 0) : number; }) ==
          AttemptEnd::failed);
    ChunkHead{chunk.name(".part"), 2, blamed()}.write(chunk.work_dir(), ChunkOnDisk::ichunk);
    CHECK(chunk.attempt([](ChunkRun&) { die_by(SIGKILL); }) == AttemptEnd::committed);
    CHECK(chunk.outcomes() == Outcomes{value(0), value(1), crash("too large")});
}

TEST_CASE("a head that promises more outcomes than there are tasks blames nobody") {
    ChunkOnDisk chunk(2);
    NewRecordFile file(chunk.work_dir().path() / "long.part", 4096, ChunkOnDisk::header(4));
    const std::int64_t number = 7;
    for (int i = 0; i < 4; ++i)
        file.write({RecordKind::value, {reinterpret_cast<const char*>(&number), sizeof number}}, 100);
    file.writer().flush();
    ChunkHead{"long.part", 4, blamed()}.write(chunk.work_dir(), ChunkOnDisk::ichunk);
    CHECK(chunk.attempt(&other_number) == AttemptEnd::committed);
    CHECK(chunk.outcomes() == Outcomes{value(7), value(7)});
}

TEST_CASE("large outcomes are taken over as well") {
    ChunkOnDisk chunk(3);
    const auto large = [](ChunkRun& run) {
        while (Loader* loader = run.next_task()) {
            std::int64_t task = 0;
            loader->load(task);
            if (task == 2 && ::getenv("QMR_TEST_KILL") != nullptr) die_by(SIGKILL);
            run.begin_value().save(noise(700'000, static_cast<std::uint64_t>(task)));
            run.end_value();
        }
    };
    ::setenv("QMR_TEST_KILL", "1", 1);
    CHECK(chunk.attempt(large) == AttemptEnd::failed);
    ::unsetenv("QMR_TEST_KILL");
    ChunkHead{chunk.name(".part"), 2, {}}.write(chunk.work_dir(), ChunkOnDisk::ichunk);
    CHECK(chunk.attempt(large) == AttemptEnd::committed);
    RecordReader reader(chunk.work_dir().results(ChunkOnDisk::ichunk).native(),
                        {FileKind::results, ChunkOnDisk::session, ChunkOnDisk::ichunk, 0, 0});
    for (std::uint64_t task = 0; task < 3; ++task) {
        REQUIRE(reader.next());
        std::string text;
        Loader(reader).load(text);
        CHECK((text == noise(700'000, task)));
    }
}

TEST_CASE("an attempt that fails leaves its part when it has more than it began with, and no other") {
    InterruptedChunk chunk;
    chunk.write_head(3);
    SECTION("nothing new") {
        CHECK(chunk.attempt([](std::int64_t) -> std::int64_t { die_by(SIGKILL); }) == AttemptEnd::failed);
        CHECK(chunk.names(".part") == std::vector{chunk.part});
        REQUIRE(chunk.exit_records().size() == 2);
        CHECK(chunk.exit_records()[0].num_records + chunk.exit_records()[1].num_records == 3);
    }
    SECTION("one more") {
        CHECK(chunk.attempt([](std::int64_t number) {
            return number == 4 ? (die_by(SIGKILL), 0) : -number;
        }) == AttemptEnd::failed);
        fs::remove(chunk.part_path());
        CHECK(chunk.num_in_part(chunk.name(".part")) == 4);
        ChunkHead{chunk.name(".part"), 4, {}}.write(chunk.work_dir(), ChunkOnDisk::ichunk);
        CHECK(chunk.attempt(&other_number) == AttemptEnd::committed);
        CHECK(chunk.outcomes() == Outcomes{value(0), value(1), value(2), value(-3), value(-4), value(-5)});
    }
}

TEST_CASE(
    "a part with more outcomes than its chunk has tasks ends the attempt, where the header does not tell") {
    ChunkOnDisk chunk(3);
    const auto write = [&](const fs::path& path, FileKind kind, RecordKind record, int num_records) {
        fs::remove(path);
        FileHeader header = ChunkOnDisk::header(6);
        header.kind = kind;
        NewRecordFile file(path, 4096, header);
        for (int i = 0; i < num_records; ++i) file.write({record, std::string(8, '\0')}, 100);
        file.writer().finish();
    };
    // As the last one of a range whose length was not known.
    write(chunk.work_dir().chunk(ChunkOnDisk::ichunk), FileKind::chunk, RecordKind::task, 3);
    write(chunk.work_dir().path() / "x.part", FileKind::results, RecordKind::value, 4);
    ChunkHead{"x.part", 4, {}}.write(chunk.work_dir(), ChunkOnDisk::ichunk);
    CHECK(chunk.attempt(&same_number) == AttemptEnd::failed);
    CHECK_THAT(chunk.exit_records().at(0).message, Catch::Contains("there are fewer tasks than results"));
    ChunkHead{"x.part", 3, {}}.write(chunk.work_dir(), ChunkOnDisk::ichunk);
    CHECK(chunk.attempt(&same_number) == AttemptEnd::committed);
    CHECK(chunk.outcomes() == Outcomes(3, value(0)));
}

TEST_CASE(
    "an attempt that ends with the task behind one that is to blame leaves the part that tells of that") {
    InterruptedChunk chunk;
    chunk.write_head(3, blamed());
    CHECK(chunk.attempt([](std::int64_t number) { return number == 4 ? (die_by(SIGKILL), 0) : number; }) ==
          AttemptEnd::failed);
    CHECK(chunk.exit_records().size() == 2);
    const auto records = chunk.exit_records();
    CHECK(std::ranges::any_of(records, [](const ExitRecord& record) { return record.num_records == 4; }));
    CHECK(chunk.names(".part").size() == 2);
}
