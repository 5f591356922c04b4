// Tasks that fail and are tried again, at once.

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "ground/host.hpp"
#include "worker/chunk_on_disk.hpp"
#include "worker/map_on_disk.hpp"
#include "worker/worker.hpp"

using namespace qmr;
using namespace qmr::detail;
using namespace qmr::test;

namespace {

// Where tries of tasks leave their marks.
std::string marks;

/// The number of this try of a task, from 1, in whichever process.
int count_try(std::int64_t task) {
    for (int itry = 1;; ++itry) {
        const std::string mark = marks + "/" + std::to_string(task) + "." + std::to_string(itry);
        const Descriptor file(::open(mark.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (file.get() >= 0) return itry;
    }
}

struct MarkedChunk : ChunkOnDisk {
    explicit MarkedChunk(std::size_t num_tasks) : ChunkOnDisk(num_tasks) {
        marks = directory.path().native();
    }
    [[nodiscard]] int num_tries(std::int64_t task) const {
        int number = 0;
        while (::access((marks + "/" + std::to_string(task) + "." + std::to_string(number + 1)).c_str(),
                        F_OK) == 0)
            ++number;
        return number;
    }
    TemporaryDirectory directory;
};

void complain() {
    throw std::runtime_error("from a destructor");
}
struct Complains {
    ~Complains() { complain(); }
};

std::size_t use_stack(std::size_t depth) {
    volatile char much[4096];
    much[depth % sizeof much] = 1;
    return depth == 0 ? 0 : use_stack(depth - 1) + static_cast<std::size_t>(much[depth % sizeof much]);
}

constexpr std::int64_t num_kinds = 8;

void crash_in_manner(std::int64_t kind) {
    // The handlers of the test framework would tell about it.
    for (const int signal : {SIGSEGV, SIGABRT}) ::signal(signal, SIG_DFL);
    switch (kind) {
        case 0:
            die_by(SIGSEGV);
        case 1:
            std::abort();
        case 2:
            ::_exit(0);
        case 3:
            std::exit(7);
        case 4: {
            const Complains complains;
            return;
        }
        case 5: {
            const rlimit small{1 << 20, 1 << 20};
            ::setrlimit(RLIMIT_STACK, &small);
            static_cast<void>(use_stack(1'000'000));
            return;
        }
        case 6:
            std::thread([] { die_by(SIGSEGV); }).join();
            return;
        default:
            std::thread([] { complain(); }).join();
    }
}

std::int64_t crashes_at_first(std::int64_t task) {
    if (count_try(task) == 1) crash_in_manner(task % num_kinds);
    return 10 * task;
}

std::int64_t crashes_always(std::int64_t task) {
    std::fprintf(stderr, "try %d of task %d\n", count_try(task), static_cast<int>(task));
    ::usleep(1000);
    if (task != 0) crash_in_manner(task - 1);
    return task;
}

std::int64_t throws_at_first(std::int64_t task) {
    const int itry = count_try(task);
    if (itry <= task) throw std::runtime_error("try " + std::to_string(itry));
    return ::getpid();
}

// Its tries end in turn by a crash and by an exception.
std::int64_t fails_in_turn(std::int64_t task) {
    const int itry = count_try(task);
    if (task == 0) return 0;
    if (itry % 2 == 1) die_by(SIGSEGV);
    throw std::runtime_error("try " + std::to_string(itry));
}

// Its result does not fit the buffer, and can not be written down at first.
struct Spoilt {
    std::int64_t number = 0;
    template <class Archive>
    void save(Archive& archive) const {
        archive(std::vector<std::int64_t>(100'000, number));
        if (count_try(number) == 1) throw std::runtime_error("half written");
    }
    template <class Archive>
    void load(Archive&) {}
};

}  // namespace

TEST_CASE("a task that crashes on its first try and succeeds on its second leaves a value, and a line") {
    MarkedChunk chunk(2 * num_kinds);
    chunk.retries.crash = 1;
    CHECK(chunk.attempt(&crashes_at_first) == AttemptEnd::committed);
    Outcomes expected;
    for (std::int64_t task = 0; task < 2 * num_kinds; ++task) {
        expected.push_back(value(10 * task));
        CHECK(chunk.num_tries(task) == 2);
    }
    CHECK(chunk.outcomes() == expected);
    const std::string said = chunk.files(".e").at(0);
    CHECK_THAT(said, Catch::StartsWith("qmr worker: task 400 ended its process (killed by signal 11 "
                                       "(Segmentation fault)); it is tried again\n"));
    CHECK_THAT(said,
               Catch::Contains("qmr worker: task 402 ended its process (exit code 0); it is tried again\n"));
    CHECK_THAT(said,
               Catch::Contains("qmr worker: task 403 ended its process (exit code 7); it is tried again\n"));
}

TEST_CASE("a task that crashes whatever happens is told with all its tries") {
    MarkedChunk chunk(1 + num_kinds);
    chunk.retries.crash = 2;
    CHECK(chunk.attempt(&crashes_always) == AttemptEnd::committed);
    CHECK(chunk.outcomes().at(0) == value(0));
    const auto failures = chunk.failures();
    REQUIRE(failures.size() == num_kinds);
    for (std::size_t i = 0; i < num_kinds; ++i) {
        CAPTURE(i);
        const FailureRecord& failure = failures[i];
        CHECK(failure.cause == Cause::crash);
        CHECK_THAT(failure.message, Catch::StartsWith("the task ended its process: "));
        // Of the last try alone: its process began with it.
        CHECK_THAT(failure.end_of_stderr, Catch::StartsWith("try 3 of task " + std::to_string(i + 1) + "\n"));
        REQUIRE(failure.history.size() == 3);
        for (const FailedAttempt& attempt : failure.history) {
            CHECK(attempt.cause == Cause::crash);
            CHECK(attempt.message == failure.message);
            CHECK(attempt.host == host_name());
            CHECK(attempt.seconds >= 0.001);
            CHECK(attempt.seconds < 60);
            CHECK(attempt.peak_memory > 100'000);
        }
    }
    CHECK(failures[0].history[2].signal == SIGSEGV);
    CHECK(failures[1].history[2].signal == SIGABRT);
    CHECK(failures[2].history[2].exit_code == 0);
    CHECK(failures[3].history[2].exit_code == 7);
    CHECK(failures[4].history[2].signal == SIGABRT);
    CHECK_THAT(failures[4].end_of_stderr, Catch::Contains("from a destructor"));
    CHECK(failures[5].history[2].signal == SIGSEGV);
    CHECK(failures[6].history[2].signal == SIGSEGV);
    CHECK(failures[7].history[2].signal == SIGABRT);
    CHECK(chunk.exit_records().empty());
}

TEST_CASE("where it is not known what a task that crashed has printed, the end of all is told") {
    MarkedChunk chunk(2);
    CHECK(chunk.attempt(&crashes_always) == AttemptEnd::committed);
    REQUIRE(chunk.failures().size() == 1);
    CHECK(chunk.failures()[0].end_of_stderr == "try 1 of task 0\ntry 1 of task 1\n");
    CHECK(chunk.num_tries(1) == 1);
}

TEST_CASE("of what a task that crashed has printed, the last 2,000 bytes are told") {
    ChunkOnDisk chunk(1);
    CHECK(chunk.attempt([](std::int64_t) -> std::int64_t {
        std::fprintf(stderr, "%s the last words", std::string(5000, 'x').c_str());
        die_by(SIGSEGV);
    }) == AttemptEnd::committed);
    CHECK(chunk.failures().at(0).end_of_stderr == std::string(1985, 'x') + " the last words");
}

TEST_CASE("a task that throws is tried again in the same process, as often as allowed") {
    MarkedChunk chunk(4);
    chunk.retries.exception = 2;
    CHECK(chunk.attempt(&throws_at_first) == AttemptEnd::committed);
    const Outcomes outcomes = chunk.outcomes();
    REQUIRE(outcomes.size() == 4);
    CHECK(outcomes[1] == outcomes[0]);
    CHECK(outcomes[2] == outcomes[0]);
    CHECK(outcomes[3] == exception("std::runtime_error: try 3"));
    CHECK(chunk.num_tries(3) == 3);
    const auto failures = chunk.failures();
    REQUIRE(failures.size() == 1);
    CHECK(failures[0].cause == Cause::exception);
    REQUIRE(failures[0].history.size() == 3);
    CHECK(failures[0].history[0].message == "std::runtime_error: try 1");
    CHECK(failures[0].history[2].message == "std::runtime_error: try 3");
    CHECK(failures[0].history[2].host == host_name());
    CHECK(failures[0].history[2].seconds > 0);
    CHECK(failures[0].history[2].peak_memory > 100'000);
}

TEST_CASE("a task that is tried again leaves nothing of an earlier try") {
    MarkedChunk chunk(2);
    chunk.retries.exception = 1;
    CHECK(chunk.attempt([](ChunkRun& run) {
        while (Loader* loader = run.next_task()) {
            try {
                std::int64_t task = 0;
                loader->load(task);
                run.begin_value().save(Spoilt{task});
                run.end_value();
            } catch (...) {
                run.fail();
            }
        }
    }) == AttemptEnd::committed);
    RecordReader reader(chunk.work_dir().results(ChunkOnDisk::ichunk).native(),
                        {FileKind::results, ChunkOnDisk::session, ChunkOnDisk::ichunk, 0, 0});
    for (std::int64_t task = 0; task < 2; ++task) {
        REQUIRE(reader.next());
        std::vector<std::int64_t> numbers;
        Loader(reader).load(numbers);
        CHECK((numbers == std::vector<std::int64_t>(100'000, task)));
    }
}

TEST_CASE("crashes and exceptions are counted apart, and both are told") {
    MarkedChunk chunk(3);
    chunk.retries = {1, 3};
    CHECK(chunk.attempt(&fails_in_turn) == AttemptEnd::committed);
    const auto failures = chunk.failures();
    REQUIRE(failures.size() == 2);
    for (const FailureRecord& failure : failures) {
        // Crash, exception, crash, exception: the second exception is one too many.
        CHECK(failure.cause == Cause::exception);
        CHECK(failure.message == "std::runtime_error: try 4");
        REQUIRE(failure.history.size() == 4);
        CHECK(failure.history[0].cause == Cause::crash);
        CHECK(failure.history[1].message == "std::runtime_error: try 2");
        CHECK(failure.history[2].signal == SIGSEGV);
    }
}

TEST_CASE("a signal from outside is no crash of the task, and it is not tried again") {
    MarkedChunk chunk(2);
    chunk.retries.crash = 5;
    CHECK(chunk.attempt([](std::int64_t task) {
        static_cast<void>(count_try(task));
        if (task == 1) die_by(SIGKILL);
        return task;
    }) == AttemptEnd::failed);
    CHECK(chunk.num_tries(1) == 1);
    CHECK(chunk.exit_records().size() == 1);
}

namespace {

struct CrashesOnce {
    std::int64_t operator()(std::int64_t task) const {
        if (count_try(task) == 1) die_by(SIGSEGV);
        if (count_try(-task) == 1) throw std::runtime_error("once");
        return task;
    }
};

}  // namespace

TEST_CASE("how often a task is tried again is in the manifest") {
    MapOnDisk map(code_of<CrashesOnce>(), {{1, 2}}, {{0}});
    marks = map.directory.path().native();
    map.manifest.max_num_retries_crash = 1;
    map.manifest.max_num_retries_exception = 1;
    map.write_manifest();
    CHECK(work(map) == worker_committed);
    CHECK(map.results(0) == MapOnDisk::Numbers{1, 2});
}
