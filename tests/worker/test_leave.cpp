// Workers that are told to leave by a signal, as batch systems send it before they kill.

#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>

#include "adapters/claims.hpp"
#include "adapters/part_file.hpp"
#include "full_chain/in_process.hpp"
#include "wait_until.hpp"
#include "worker/chunk_on_disk.hpp"
#include "worker/leave_signals.hpp"
#include "worker/map_on_disk.hpp"
#include "worker/worker.hpp"

using namespace qmr;
using namespace qmr::detail;
using namespace qmr::test;

namespace {

constexpr std::int64_t endless_task = 66;
constexpr std::int64_t late_task = 77;

/// A task that gets its process stuck when its result is written, and has its worker told to leave.
struct Task {
    std::int64_t number = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(number);
    }
    Task() = default;
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;
    ~Task() {
        if (number != late_task) return;
        ::kill(::getppid(), SIGTERM);
        ::sleep(seconds_without_end);
    }
};

struct Noted {
    void setup() { Diary::write("setup"); }
    std::int64_t operator()(const Task& task) const {
        Diary::write(std::to_string(task.number));
        if (task.number == endless_task) ::sleep(seconds_without_end);
        return task.number;
    }
    void cleanup() { Diary::write("cleanup"); }
};
struct LongCleanup {
    std::int64_t operator()(std::int64_t task) const { return task; }
    void cleanup() {
        Diary::write("cleanup");
        ::sleep(seconds_without_end);
    }
};

/// How a process stands to the signals by which a worker is told to leave: 0: as any new process.
struct TellsSignals {
    std::int64_t operator()(std::int64_t task) const {
        if (task == SIGHUP) ::kill(::getppid(), SIGHUP);
        sigset_t mask;
        ::sigprocmask(SIG_BLOCK, nullptr, &mask);
        std::int64_t number = 0;
        for (const int signal : leave_signals) {
            struct sigaction action {};
            ::sigaction(signal, nullptr, &action);
            number += (action.sa_handler != SIG_DFL ? 1 : 0) + (::sigismember(&mask, signal) != 0 ? 100 : 0);
        }
        return number;
    }
};

struct NotedMap : MapOnDisk {
    explicit NotedMap(const std::vector<Numbers>& chunks)
        : MapOnDisk(code_of<Noted, Task>(), chunks, {{0, 1}}) {}
    void wait_for(const std::string& word) const {
        while (diary.text().find(word) == std::string::npos) ::usleep(1000);
    }
    [[nodiscard]] std::uint64_t num_in_part() const {
        for (fs::directory_iterator entry(work_dir.path()), end; entry != end; ++entry)
            if (entry->path().extension() == ".part")
                return num_valid_records(entry->path().native(), {FileKind::results, session(), 0, 0, 100});
        return 0;
    }
    Diary diary;
};

}  // namespace

TEST_CASE("a worker that is told to leave drops the task that runs, and keeps what is done") {
    const int signal = GENERATE(SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU, SIGINT, SIGHUP);
    const bool is_pulled = GENERATE(false, true);
    NotedMap map({{1, 2, endless_task, 3}, {4}});
    map.manifest.is_pulled = is_pulled;
    map.write_manifest();
    InProcess worker([&] { return work(map); });
    map.wait_for(" 66");
    ::kill(worker.pid(), signal);
    CHECK(worker.exit_code() == worker_told_to_leave);
    CHECK(map.num_results() == 0);
    CHECK(map.diary.text() == "setup 1 2 66 ");
    CHECK(Claims(map.work_dir).taken(2).size() == (is_pulled ? 1 : 0));
    REQUIRE(map.exit_records().size() == 1);
    const ExitRecord record = map.exit_records()[0];
    CHECK(record.cause == Cause::vanished);
    CHECK(record.may_retry);
    CHECK(record.signal == signal);
    CHECK(record.num_records == 2);
    CHECK(map.num_in_part() == 2);
    CHECK(record.peak_memory > 100'000);
    CHECK_THAT(record.message, Catch::StartsWith("told to leave by " + describe_leave_signal(signal) +
                                                 " while task 2 ran, after ") &&
                                   Catch::EndsWith(" s"));
    CHECK_THAT(describe_leave_signal(SIGTERM), Catch::Equals("signal 15 (SIGTERM)"));
}

TEST_CASE("a signal to worker and task at once ends the attempt once") {
    for (int i = 0; i < 10; ++i) {
        const NotedMap map({{1, 2, endless_task, 3}, {4}});
        InProcess worker([&] {
            ::setpgid(0, 0);
            return work(map);
        });
        map.wait_for(" 66");
        ::kill(-worker.pid(), SIGTERM);
        REQUIRE(worker.exit_code() == worker_told_to_leave);
        REQUIRE(map.exit_records().size() == 1);
        CHECK(map.exit_records()[0].signal == SIGTERM);
        CHECK(map.exit_records()[0].num_records == 2);
        CHECK(map.num_in_part() == 2);
    }
}

TEST_CASE("a worker that is told to leave before a chunk begins takes none") {
    const bool is_pulled = GENERATE(false, true);
    NotedMap map({{1}, {2}});
    map.manifest.is_pulled = is_pulled;
    map.write_manifest();
    InProcess worker([&] {
        // It waits until the worker lets it through.
        sigset_t set;
        ::sigemptyset(&set);
        ::sigaddset(&set, SIGUSR2);
        ::sigprocmask(SIG_BLOCK, &set, nullptr);
        ::raise(SIGUSR2);
        return work(map);
    });
    CHECK(worker.exit_code() == worker_told_to_leave);
    CHECK(map.diary.text().empty());
    CHECK(map.exit_records().empty());
    CHECK(Claims(map.work_dir).taken(2).empty());
}

TEST_CASE("a worker that is told to leave when all tasks of its chunk are done commits it first") {
    const NotedMap map({{1, late_task}, {4}});
    InProcess worker([&] { return work(map); });
    CHECK(worker.exit_code() == worker_told_to_leave);
    CHECK(map.num_results() == 1);
    CHECK(map.results(0) == MapOnDisk::Numbers{1, late_task});
    CHECK(map.exit_records().empty());
    CHECK(map.diary.text() == "setup 1 77 ");
}

TEST_CASE("a worker that is told to leave does not wait for cleanup()") {
    const MapOnDisk map(code_of<LongCleanup>(), {{1}}, {{0}});
    const Diary diary;
    const ErrorsToFile errors;
    InProcess worker([&] { return work(map); });
    while (diary.text().empty()) ::usleep(1000);
    ::kill(worker.pid(), SIGTERM);
    CHECK(worker.exit_code() == worker_committed);
    CHECK(errors.text() ==
          "qmr worker: told to leave by signal 15 (SIGTERM), it did not wait for the end of cleanup()\n");
}

TEST_CASE("to tasks, signals mean what they mean to any new process") {
    const MapOnDisk map(code_of<TellsSignals>(), {{0}}, {{0}});
    InProcess worker([&] {
        // As somebody may start it.
        sigset_t set;
        ::sigemptyset(&set);
        ::sigaddset(&set, SIGUSR1);
        ::sigaddset(&set, SIGTERM);
        ::sigprocmask(SIG_BLOCK, &set, nullptr);
        return work(map);
    });
    CHECK(worker.exit_code() == worker_committed);
    CHECK(map.results(0) == MapOnDisk::Numbers{0});
}

TEST_CASE("a signal that a worker was started to ignore stays ignored, also in tasks") {
    const MapOnDisk map(code_of<TellsSignals>(), {{SIGHUP}, {0}}, {{0, 1}});
    InProcess worker([&] {
        ::signal(SIGHUP, SIG_IGN);
        return work(map);
    });
    CHECK(worker.exit_code() == worker_committed);
    CHECK(map.results(0) == MapOnDisk::Numbers{1});
    CHECK(map.results(1) == MapOnDisk::Numbers{1});
}
