#include <catch2/catch.hpp>

#include "adapters/chunk_head.hpp"
#include "qmr/error.hpp"
#include "temporary_directory.hpp"
#include "vocabulary/atomic_file.hpp"

using namespace qmr::detail;
using qmr::Cause;
using qmr::test::TemporaryDirectory;

TEST_CASE("the head of a chunk is read as it was written") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    const bool has_failed_task = GENERATE(false, true);
    ChunkHead head{"000000007.0-1-0a1b2c3d.part", 17, {}, {17, 20}};
    if (has_failed_task) head.failed = FailureRecord{Cause::out_of_memory, "killed", {}, {}};
    head.write(work_dir, 7);
    const auto read = ChunkHead::read(work_dir, 7);
    REQUIRE(read);
    CHECK(read->alone == Alone{17, 20});
    CHECK(read->part == head.part);
    CHECK(read->num_records == 17);
    REQUIRE(read->failed.has_value() == has_failed_task);
    if (has_failed_task) CHECK(read->failed->cause == Cause::out_of_memory);
}

TEST_CASE("a chunk without a head begins with its first task") {
    const TemporaryDirectory directory;
    CHECK_FALSE(ChunkHead::read(WorkDir(directory.path()), 7));
}

TEST_CASE("what is no head of a chunk is refused by its name") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    const auto text = GENERATE("", "{", "[]", "{\"part\":\"x\"}", "{\"part\":\"../x\",\"num_records\":1}");
    write_file(work_dir.head(7), text);
    CHECK_THROWS_WITH(ChunkHead::read(work_dir, 7), Catch::Contains("000000007.head"));
}
