// Faults that last, or come together: what file servers and full disks do.

#include <catch2/catch.hpp>
#include <random>

#include "faulty_files/faulty_run.hpp"

using namespace qmr::test;
using qmr::faulty_files::call_names;

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

TEST_CASE("faulty map: a quota that a file server tells when a file is closed is told, with the file") {
    check_told(any_way(), "EDQUOT@close#1+", "function.bin.tmp: Disk quota exceeded");
}

TEST_CASE("faulty map: a disk that is full while tasks run is told, and leaves nothing in the queue") {
    const auto* const where = GENERATE("pwrite#14", "pwrite#18", "fsync#7", "write#8");
    check_told(any_way(), std::string("ENOSPC@") + where + "+", "No space left on device");
}

TEST_CASE("faulty map: a log that can not be written any more leaves nothing in the queue") {
    const Mode mode = GENERATE(Mode::pull, Mode::one_per_chunk);
    const auto n = GENERATE(range(4, 20));
    const FaultyMap map = run_faulty_map(Queue::dummy, mode, "EIO@write#" + std::to_string(n) + "+");
    INFO(n << "\n" << map.said);
    CHECK(map.broken_promise == "");
}

TEST_CASE("faulty map: what comes together breaks no promise") {
    std::mt19937 random(20261121);  // the same each time
    const auto below = [&](std::size_t limit) { return random() % limit; };
    constexpr std::array errors{"EIO", "ESTALE", "ENOSPC", "EACCES", "short"};
    std::size_t num_right = 0;
    for (std::size_t irun = 0; irun < 60; ++irun) {
        std::string faults = irun % 3 == 0 ? "nfs_unlink" : "";
        if (irun % 5 == 0) faults += " late=0.05";
        for (int i = 0; i < 4; ++i) {
            faults += ' ' + std::string(errors[below(errors.size())]);
            faults += '@' + std::string(call_names[below(call_names.size())]);
            faults += '#' + std::to_string(1 + below(40)) + 'x' + std::to_string(1 + below(3));
        }
        const FaultyMap map = run_faulty_map(irun % 2 == 0 ? Queue::local : Queue::dummy,
                                             irun % 4 < 2 ? Mode::pull : Mode::one_per_chunk, faults);
        INFO(faults << "\n" << map.said);
        CHECK(map.broken_promise == "");
        num_right += map.is_right ? 1U : 0U;
    }
    CHECK(num_right > 0);
    CHECK(num_right < 60);
}
