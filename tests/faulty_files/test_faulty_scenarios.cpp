// Faults that last, or come together: what file servers and full disks do.

#include <catch2/catch.hpp>

#include "faulty_files/faulty_run.hpp"

using namespace qmr::test;

namespace {

struct Way {
    Queue queue;
    Mode mode;
};

Way any_way() {
    return GENERATE(Way{Queue::local, Mode::pull}, Way{Queue::local, Mode::one_per_chunk},
                    Way{Queue::dummy, Mode::pull}, Way{Queue::dummy, Mode::one_per_chunk});
}

// A file system may be like this for ever, and maps do not suffer.
void check_right(Way way, const std::string& faults) {
    const FaultyMap map = run_faulty_map(way.queue, way.mode, faults);
    INFO(faults << "\n" << map.said);
    CHECK(map.broken_promise == "");
    CHECK(map.is_right);
}

// Nothing can be done, but to say so.
void check_told(Way way, const std::string& faults, const std::string& words) {
    const FaultyMap map = run_faulty_map(way.queue, way.mode, faults);
    INFO(faults);
    CHECK(map.broken_promise == "");
    CHECK_FALSE(map.is_right);
    CHECK_THAT(map.said, Catch::Contains(words));
}

}  // namespace

TEST_CASE("faulty map: names that listings show late cost no result") {
    const Mode mode = GENERATE(Mode::pull, Mode::one_per_chunk);
    check_right({Queue::dummy, mode}, "late_listing=0.15");
}

// A queue job that starts in an instant may not find the line that is meant for it.
TEST_CASE("faulty map: names that nobody sees in time break no promise") {
    const Mode mode = GENERATE(Mode::pull, Mode::one_per_chunk);
    const FaultyMap map = run_faulty_map(Queue::dummy, mode, "late=0.15");
    INFO(map.said);
    CHECK(map.broken_promise == "");
}

TEST_CASE("faulty map: files that stay for a moment after they were removed cost no result") {
    check_right(any_way(), "nfs_unlink");
}

TEST_CASE("faulty map: a file system without hard links costs no result") {
    check_right(any_way(), "EOPNOTSUPP@link#1+");
}

TEST_CASE("faulty map: calls that do half each time cost no result") {
    check_right(any_way(), "short@read#1+ short@pread#1+ short@write#1+ short@pwrite#1+");
}

TEST_CASE("faulty map: calls that are interrupted cost no result") {
    check_right(any_way(), "EINTR@read#3x2 EINTR@pread#3x2 EINTR@write#3x2 EINTR@pwrite#3x2");
}

TEST_CASE("faulty map: a disk that is full from the beginning is told, with the file") {
    const auto* const where = GENERATE("write", "pwrite", "open", "mkdir", "fsync");
    check_told(any_way(), std::string("ENOSPC@") + where + "#1+", "No space left on device");
}
