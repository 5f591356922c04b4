// The process that runs tasks ends as a program does, so that what their function holds back is not lost.

#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "wait_until.hpp"
#include "worker/chunk_on_disk.hpp"
#include "worker/map_on_disk.hpp"
#include "worker/worker.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {

constexpr std::int64_t task_that_ends_its_worker = 21;

std::string directory_of_logs;

struct Logging {
    std::int64_t operator()(std::int64_t task) const {
        static std::ofstream stream(directory_of_logs + "/stream");
        static std::FILE* file = std::fopen((directory_of_logs + "/file").c_str(), "we");
        stream << task << '\n';
        std::fprintf(file, "%d\n", static_cast<int>(task));
        return task;
    }
};

enum class Exit { well, hangs, crashes, fails };
Exit manner_of_exit = Exit::well;

void at_exit() {
    Diary::write("atexit");
    std::printf("printed by atexit");
    switch (manner_of_exit) {
        case Exit::well:
            return;
        case Exit::hangs:
            ::sleep(seconds_without_end);
            return;
        case Exit::crashes:
            die_by(SIGSEGV);
        case Exit::fails:  // as a leak report does
            std::fflush(nullptr);
            ::_exit(23);
    }
}

struct WithAtExit {
    void setup() { std::atexit(&at_exit); }
    std::int64_t operator()(std::int64_t task) const {
        Diary::write(std::to_string(task));
        if (task == task_that_ends_its_worker) {
            ::kill(::getppid(), SIGTERM);
            ::sleep(seconds_without_end);
        }
        return task;
    }
    void cleanup() { Diary::write("cleanup"); }
};

struct FailingSetup : WithAtExit {
    void setup() {
        std::atexit(&at_exit);
        throw std::runtime_error("no licence");
    }
};

/// A map of two chunks in one queue job.
template <class F>
struct MapWithExit : MapOnDisk {
    explicit MapWithExit(Exit manner = Exit::well) : MapOnDisk(code_of<F>(), {{0, 1}, {2}}, {{0, 1}}) {
        manner_of_exit = manner;
    }
    Diary diary;
    ErrorsToFile errors;
};

}  // namespace

TEST_CASE("what a function holds back in static streams is in its files when the worker has ended") {
    const MapOnDisk map(code_of<Logging>(), {{0, 1}, {2}}, {{0, 1}});
    const TemporaryDirectory directory;
    directory_of_logs = directory.path().native();
    CHECK(work(map) == worker_committed);
    CHECK(read_file(directory / "stream") == "0\n1\n2\n");
    CHECK(read_file(directory / "file") == "0\n1\n2\n");
}

TEST_CASE("functions of atexit() run after cleanup(), once for all chunks of a queue job") {
    const MapWithExit<WithAtExit> map;
    CHECK(work(map) == worker_committed);
    CHECK(map.diary.text() == "0 1 2 cleanup atexit ");
    CHECK(map.errors.text().empty());
    CHECK(map.printed(1).empty());
}

TEST_CASE("what the worker's own process holds back is written once, and not by the process of the tasks") {
    const MapWithExit<WithAtExit> map;
    std::FILE* file = std::fopen((map.directory / "held_back").c_str(), "we");
    std::fprintf(file, "once\n");
    CHECK(work(map) == worker_committed);
    std::fclose(file);
    CHECK(read_file(map.directory / "held_back") == "once\n");
}

TEST_CASE("an exit that goes wrong is told, and costs no result") {
    const auto [manner, how] = GENERATE(table<Exit, const char*>({
        {Exit::crashes, "killed by signal 11 (Segmentation fault)"},
        {Exit::fails, "exit code 23"},
    }));
    const MapWithExit<WithAtExit> map(manner);
    CHECK(work(map) == worker_committed);
    CHECK(map.num_results() == 2);
    CHECK(map.exit_records().empty());
    CHECK(map.errors.text() ==
          std::string("qmr worker: exit() (static objects, atexit functions) ended its process: ") + how +
              "\n");
}

TEST_CASE("an exit that hangs is cut short after a while, and that is told") {
    const MapWithExit<WithAtExit> map(Exit::hangs);
    {
        TaskProcess process(map.work_dir, map.session(), code_of<WithAtExit>(), {}, qmr::Seconds{0.5});
        CHECK(ChunkAttempt(map.work_dir, map.session(), 0, {0, 1}).run(process) == AttemptEnd::committed);
    }
    CHECK(map.diary.text() == "0 1 cleanup atexit ");
    CHECK(map.errors.text() ==
          "qmr worker: exit() (static objects, atexit functions) took longer than 0.5 s; its process was "
          "killed\n");
}

TEST_CASE("where setup() fails, its process ends at once, without functions of atexit()") {
    const MapWithExit<FailingSetup> map(Exit::hangs);
    CHECK(work(map) == worker_failed);
    CHECK(map.errors.text().find("took longer") == std::string::npos);
    CHECK(map.diary.text().empty());
}

TEST_CASE("a worker that is told to leave does not wait for functions of atexit()") {
    const MapWithExit<WithAtExit> map(Exit::hangs);
    map.write_chunk(1, {task_that_ends_its_worker});
    CHECK(work(map) == worker_told_to_leave);
    CHECK(map.errors.text().find("took longer") == std::string::npos);
    CHECK(map.diary.text() == "0 1 21 ");
}
