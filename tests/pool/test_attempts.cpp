// What is found of attempts that ended without a result.

#include "pool/attempts.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include "adapters/record_files.hpp"
#include "temporary_directory.hpp"

using namespace qmr;
using namespace qmr::detail;
using qmr::test::TemporaryDirectory;

namespace {

constexpr std::uint64_t session = 0x1234'5678'9ABC'DEF0;  // of record_files.hpp
constexpr std::size_t ichunk = 42;
constexpr JobKey job{3, 7};

/// Attempts on a chunk of 7 tasks, the first of which is task 1000.
struct ChunkOfSeven {
    TemporaryDirectory directory;
    WorkDir work_dir{directory.path()};
    Attempts attempts{work_dir, session, [](std::size_t) { return TaskSpan{1000, 7}; }};
    std::vector<Attempt> parts;
    std::vector<std::size_t> loaded;
    LoadResult load = [this](std::size_t itask, Loader& loader) {
        std::int32_t value = 0;
        loader.load(value);
        loaded.push_back(itask);
    };

    void leave_part(const Attempt& attempt, const test::Records& records) {
        test::NewRecordFile file(work_dir.part(ichunk, attempt));
        for (const test::Record& record : records) file.write(record, 100);
        file.writer().finish();
        cut_off_end(work_dir.part(ichunk, attempt));
        parts.push_back(attempt);
        attempts.seen({{ichunk, parts}});
    }

    // The end record with its frame.
    static void cut_off_end(const fs::path& path) {
        struct stat status {};
        REQUIRE(::stat(path.c_str(), &status) == 0);
        REQUIRE(::truncate(path.c_str(), status.st_size - 22) == 0);
    }

    Achieved measure(Cause cause = Cause::vanished) {
        return attempts.measure({ichunk, job, cause, "it died"});
    }
};

test::Record value() {
    return {RecordKind::value, std::string(4, '\1')};
}

test::Record thrown() {
    return {RecordKind::exception, FailureRecord{Cause::exception, "thrown", {}, {}}.to_json()};
}

}  // namespace

TEST_CASE("an attempt that left nothing had not begun") {
    ChunkOfSeven chunk;
    const Achieved achieved = chunk.measure();
    CHECK(achieved.num_records == 0);
    CHECK(achieved.num_tasks == 7);
    CHECK_FALSE(achieved.has_begun);
}

TEST_CASE("whole outcomes in a part count, whether they are values or failures") {
    ChunkOfSeven chunk;
    chunk.leave_part({job, "a"}, {value(), thrown(), value()});
    const Achieved achieved = chunk.measure();
    CHECK(achieved.num_records == 3);
    CHECK(achieved.has_begun);
}

TEST_CASE("the best part of a chunk counts, whoever left it") {
    ChunkOfSeven chunk;
    chunk.leave_part({{1, 1}, "a"}, {value(), value()});
    chunk.leave_part({{1, 2}, "b"}, {value(), value(), value(), value()});
    chunk.leave_part({{2, 1}, "c"}, {value()});
    const Achieved achieved = chunk.measure();
    CHECK(achieved.num_records == 4);
    CHECK_FALSE(achieved.has_begun);
    CHECK(chunk.attempts.make_head({ichunk, 4, {}}, {}).part == "000000042.1-2-b.part");
}

TEST_CASE("a part that is torn counts up to the tear, and one that is no part not at all") {
    ChunkOfSeven chunk;
    chunk.leave_part({job, "a"}, {value(), value(), value()});
    struct stat status {};
    const fs::path part = chunk.work_dir.part(ichunk, {job, "a"});
    REQUIRE(::stat(part.c_str(), &status) == 0);
    REQUIRE(::truncate(part.c_str(), status.st_size - 1) == 0);
    CHECK(chunk.measure().num_records == 2);
    REQUIRE(::truncate(part.c_str(), 10) == 0);
    CHECK(chunk.measure().num_records == 0);
    ::unlink(part.c_str());
    CHECK(chunk.measure().num_records == 0);
}

TEST_CASE("what an exit record tells is in the history, with how the monitor sees it") {
    ChunkOfSeven chunk;
    ExitRecord record;
    record.host = "node1";
    record.signal = 9;
    record.seconds = 12;
    record.peak_memory = 1000;
    chunk.attempts.ended(ichunk, job, record);
    CHECK(chunk.measure(Cause::out_of_memory).has_begun);
    const FailedAttempt expected{Cause::out_of_memory, "it died", "node1", 9, 0, 12, 1000};
    CHECK(chunk.attempts.history(ichunk) == std::vector{expected});
}

TEST_CASE("history begins anew with an attempt that came further, and with a task that is to blame") {
    ChunkOfSeven chunk;
    static_cast<void>(chunk.measure());
    static_cast<void>(chunk.measure());
    CHECK(chunk.attempts.history(ichunk).size() == 2);
    chunk.leave_part({job, "a"}, {value()});
    static_cast<void>(chunk.measure());
    CHECK(chunk.attempts.history(ichunk).size() == 1);
    static_cast<void>(chunk.attempts.make_head({ichunk, 1, {}}, {}));
    static_cast<void>(chunk.measure());
    const ChunkHead head =
        chunk.attempts.make_head({ichunk, 1, NewHead::Failed{Cause::vanished, "gone"}}, "last words");
    CHECK(head.num_records == 1);
    REQUIRE(head.failed);
    CHECK(head.failed->message == "gone, in the last of 2 attempts");
    CHECK(head.failed->end_of_stderr == "last words");
    CHECK(head.failed->history.size() == 2);
    CHECK(chunk.attempts.history(ichunk).empty());
}

TEST_CASE("what another process has left of a chunk goes on behind its last outcome") {
    ChunkOfSeven before;
    before.leave_part({job, "a"}, {value(), value(), value()});
    const auto restore = [&] {
        Attempts attempts{before.work_dir, session, [](std::size_t) { return TaskSpan{1000, 7}; }};
        attempts.seen({{ichunk, before.parts}});
        const Attempts::Past past = attempts.restore(ichunk);
        if (past.needs_head)
            attempts.make_head({ichunk, past.num_records, {}}, {}).write(before.work_dir, ichunk);
        return past;
    };
    CHECK(restore().needs_head);
    CHECK_FALSE(restore().needs_head);
    CHECK(restore().num_records == 3);
    SECTION("an attempt has come further since") {
        before.leave_part({{4, 1}, "b"}, {value(), value(), value(), thrown()});
        CHECK(restore().num_records == 4);
        CHECK(ChunkHead::read(before.work_dir, ichunk)->part == "000000042.4-1-b.part");
    }
    SECTION("a task is to blame, whether an attempt has begun behind it or not") {
        static_cast<void>(before.measure());
        before.attempts.make_head({ichunk, 3, NewHead::Failed{Cause::vanished, "to blame"}}, {})
            .write(before.work_dir, ichunk);
        CHECK(restore().num_records == 4);
        CHECK(ChunkHead::read(before.work_dir, ichunk)->failed);
        before.leave_part({{4, 1}, "b"}, {value(), value(), value(), thrown()});
        CHECK_FALSE(restore().needs_head);
        CHECK(restore().num_records == 4);
        before.leave_part({{5, 1}, "c"}, {value(), value(), value(), thrown(), value()});
        CHECK(restore().num_records == 5);
        CHECK_FALSE(ChunkHead::read(before.work_dir, ichunk)->failed);
    }
    SECTION("the head can not be read, or tells of a part that is gone") {
        write_file(before.work_dir.head(ichunk), "{");
        CHECK(restore().num_records == 3);
        ::unlink(before.work_dir.part(ichunk, {job, "a"}).c_str());
        CHECK(restore().num_records == 0);
        CHECK(ChunkHead::read(before.work_dir, ichunk)->num_records == 0);
    }
}

TEST_CASE("of a chunk that is given up, values are loaded and failures told") {
    ChunkOfSeven chunk;
    chunk.leave_part({job, "a"}, {value(), thrown(), value()});
    static_cast<void>(chunk.measure());
    const PartOutcome outcome = chunk.attempts.salvage(ichunk, chunk.load);
    CHECK(outcome.num_outcomes == 3);
    CHECK(chunk.loaded == std::vector<std::size_t>{1000, 1002});
    REQUIRE(outcome.failures.size() == 1);
    CHECK(outcome.failures[0].itask == 1001);
    CHECK(outcome.failures[0].message == "thrown");
}

TEST_CASE("a task that is to blame keeps its own failure, also when nobody came to write it down") {
    ChunkOfSeven chunk;
    chunk.leave_part({job, "a"}, {value(), value()});
    static_cast<void>(chunk.measure());
    static_cast<void>(
        chunk.attempts.make_head({ichunk, 2, NewHead::Failed{Cause::vanished, "to blame"}}, {}));
    const PartOutcome outcome = chunk.attempts.salvage(ichunk, chunk.load);
    CHECK(outcome.num_outcomes == 3);
    REQUIRE(outcome.failures.size() == 1);
    CHECK(outcome.failures[0].itask == 1002);
    CHECK(outcome.failures[0].message == "to blame");
    // Once it is written down, it is not told twice.
    chunk.leave_part({{4, 1}, "b"}, {value(), value(), thrown(), value()});
    CHECK(chunk.attempts.salvage(ichunk, chunk.load).num_outcomes == 4);
    CHECK(chunk.attempts.salvage(ichunk, chunk.load).failures.size() == 1);
}

TEST_CASE("a value in a part that is of another type than the result is none") {
    ChunkOfSeven chunk;
    chunk.leave_part({job, "a"}, {value(), {RecordKind::value, "too long for an int"}, value()});
    CHECK(chunk.attempts.salvage(ichunk, chunk.load).num_outcomes == 1);
}
