#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <exception>
#include <stdexcept>
#include <string>

#include "ground/host.hpp"
#include "qmr/detail/function.hpp"
#include "worker/chunk_on_disk.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {

std::int64_t square(std::int64_t number) {
    return number * number;
}

std::int64_t picky(std::int64_t number) {
    switch (number) {
        case 0:
            throw std::runtime_error("no such event");
        case 1:
            throw std::string("text");
        case 2:
            throw 42;
        case 3:
            throw "literal";
        case 4:
            throw std::out_of_range("");
        default:
            return number;
    }
}

std::int64_t nested(std::int64_t number) {
    try {
        try {
            throw std::invalid_argument("bad field");
        } catch (...) {
            std::throw_with_nested(std::logic_error("bad line"));
        }
    } catch (...) {
        if (number == 0) throw;
        std::throw_with_nested(std::runtime_error("bad file"));
    }
}

std::int64_t nested_int(std::int64_t) {
    try {
        throw 42;
    } catch (...) {
        std::throw_with_nested(std::runtime_error("bad file"));
    }
}

// The result of task 1 can not be written down.
struct Unsavable {
    std::int64_t number = 0;
    template <class Archive>
    void save(Archive& archive) const {
        archive(number);
        if (number == 1) throw std::runtime_error("half written");
    }
    template <class Archive>
    void load(Archive&) {}
};

// The tasks are shorter than what the function takes.
struct TooLong {
    std::int64_t number = 0;
    std::int64_t more = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(number, more);
    }
};

}  // namespace

TEST_CASE("an attempt writes a value for each task, in the order of the tasks") {
    ChunkOnDisk chunk(5);
    CHECK(chunk.attempt(&square) == AttemptEnd::committed);
    CHECK(chunk.outcomes() == Outcomes{value(0), value(1), value(4), value(9), value(16)});
    CHECK(chunk.exit_records().empty());
    CHECK(chunk.files(".part").empty());
}

TEST_CASE("an attempt writes thousands of values") {
    ChunkOnDisk chunk(50'000);
    CHECK(chunk.attempt(&square) == AttemptEnd::committed);
    const Outcomes outcomes = chunk.outcomes();
    REQUIRE(outcomes.size() == 50'000);
    CHECK(outcomes.back() == value(49'999LL * 49'999));
}

TEST_CASE("an attempt without tasks is committed") {
    ChunkOnDisk chunk(0);
    CHECK(chunk.attempt(&square) == AttemptEnd::committed);
    CHECK(chunk.outcomes().empty());
}

TEST_CASE("a task that throws has its exception for an outcome, by type and message") {
    ChunkOnDisk chunk(6);
    CHECK(chunk.attempt(&picky) == AttemptEnd::committed);
    const Outcomes outcomes = chunk.outcomes();
    REQUIRE(outcomes.size() == 6);
    CHECK(outcomes[0] == exception("std::runtime_error: no such event"));
    CHECK(outcomes[1].kind == RecordKind::exception);
    CHECK_THAT(outcomes[1].text, Catch::StartsWith("std::") && Catch::EndsWith(": not a std::exception"));
    CHECK(outcomes[2] == exception("int: not a std::exception"));
    CHECK(outcomes[3] == exception("char const*: not a std::exception"));
    CHECK(outcomes[4] == exception("std::out_of_range: "));
    CHECK(outcomes[5] == value(5));
}

TEST_CASE("an exception tells what it is because of") {
    ChunkOnDisk chunk(2);
    CHECK(chunk.attempt(&nested) == AttemptEnd::committed);
    const Outcomes outcomes = chunk.outcomes();
    CHECK_THAT(outcomes.at(0).text,
               Catch::Contains("bad line (because of std::invalid_argument: bad field)"));
    CHECK_THAT(outcomes.at(1).text,
               Catch::Contains("bad file (because of ") && Catch::EndsWith("bad field))"));
}

TEST_CASE("an exception tells that it is because of something unknown") {
    ChunkOnDisk chunk(1);
    CHECK(chunk.attempt(&nested_int) == AttemptEnd::committed);
    CHECK_THAT(chunk.outcomes().at(0).text,
               Catch::EndsWith("bad file (because of something that is not a std::exception)"));
}

TEST_CASE("a result that can not be written down fails its task only") {
    ChunkOnDisk chunk(3);
    CHECK(chunk.attempt([](ChunkRun& run) {
        while (Loader* loader = run.next_task()) {
            try {
                std::int64_t task = 0;
                loader->load(task);
                run.begin_value().save(Unsavable{task});
                run.end_value();
            } catch (...) {
                run.fail();
            }
        }
    }) == AttemptEnd::committed);
    CHECK(chunk.outcomes() == Outcomes{value(0), exception("std::runtime_error: half written"), value(2)});
}

TEST_CASE("tasks of another type than the function takes yield no values") {
    ChunkOnDisk chunk(3);
    const AttemptEnd end = chunk.attempt(&Registered<std::int64_t (*)(TooLong), TooLong>::run);
    if (end == AttemptEnd::committed)
        for (const Outcome& outcome : chunk.outcomes()) CHECK(outcome.kind != RecordKind::value);
}

TEST_CASE("an attempt tells by whom, where and how it was done") {
    ChunkOnDisk chunk(3);
    CHECK(chunk.attempt(&square) == AttemptEnd::committed);
    const AttemptInfo info = chunk.info();
    CHECK(info.attempt.job == JobKey{7, 2});
    CHECK(info.attempt.random.size() == 8);
    CHECK(info.host == host_name());
    CHECK(info.seconds >= 0);
    CHECK(info.seconds < 60);
    CHECK(info.peak_memory > 100'000);
}

TEST_CASE("the results of an attempt have the header of their chunk") {
    ChunkOnDisk chunk(3);
    CHECK(chunk.attempt(&square) == AttemptEnd::committed);
    const RecordReader reader(chunk.work_dir().results(ChunkOnDisk::ichunk).native(),
                              {FileKind::results, ChunkOnDisk::session, ChunkOnDisk::ichunk, 0, 0});
    CHECK(reader.header().first_itask == ChunkOnDisk::first_itask);
    CHECK(reader.header().num_tasks == 3);
}

TEST_CASE("the results of an attempt are their owner's alone") {
    ChunkOnDisk chunk(3);
    const mode_t before = ::umask(0);
    CHECK(chunk.attempt([](std::int64_t number) {
        std::puts("out");
        return number;
    }) == AttemptEnd::committed);
    ::umask(before);
    for (fs::directory_iterator entry(chunk.work_dir().path()), end; entry != end; ++entry) {
        struct stat status {};
        REQUIRE(::stat(entry->path().c_str(), &status) == 0);
        CAPTURE(entry->path());
        CHECK((status.st_mode & 07777U) == 0600);
    }
}
