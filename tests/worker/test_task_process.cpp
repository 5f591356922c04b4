#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>

#include "wait_until.hpp"
#include "worker/attempt.hpp"
#include "worker/chunk_on_disk.hpp"
#include "worker/map_on_disk.hpp"
#include "worker/worker.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {

constexpr std::int64_t crash_task = 13;
constexpr std::int64_t orphan_task = 14;
constexpr std::int64_t leak_task = 15;
constexpr std::int64_t task_without_end = 16;

void leave_a_process_behind() {
    const pid_t orphan = ::fork();
    if (orphan == 0) {
        ::sleep(seconds_without_end);
        ::_exit(0);
    }
    Diary::write(std::to_string(orphan));
}

void use_all_descriptors() {
    const rlimit few{64, 64};
    ::setrlimit(RLIMIT_NOFILE, &few);
    while (::open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0) {
    }
}

// Stands for a cleanup() that hangs.
void run_and_stay(ChunkRun& run) {
    while (Loader* loader = run.next_task()) {
        std::int64_t task = 0;
        loader->load(task);
        run.begin_value().save(task);
        run.end_value();
    }
    ::sleep(seconds_without_end);
}

/// Gives the number of the process that it runs in.
struct WhichProcess {
    std::int64_t operator()(std::int64_t task) const {
        std::cout << "cout " << task << '\n';
        std::printf("printf %d\n", static_cast<int>(task));
        if (task == orphan_task) leave_a_process_behind();
        if (task == leak_task) use_all_descriptors();
        if (task == task_without_end) {
            Diary::write("begun");
            ::sleep(seconds_without_end);
        }
        if (task == crash_task || task == orphan_task) die_by(SIGSEGV);
        return ::getpid();
    }
};

/// A map whose chunks are all on the line of one queue job.
struct MapInOneJob : MapOnDisk {
    explicit MapInOneJob(const std::vector<Numbers>& chunks)
        : MapOnDisk(code_of<WhichProcess>(), chunks, {all(chunks.size())}) {}

    static std::vector<std::size_t> all(std::size_t num_chunks) {
        std::vector<std::size_t> chunks;
        for (std::size_t ichunk = 0; ichunk < num_chunks; ++ichunk) chunks.push_back(ichunk);
        return chunks;
    }

    AttemptEnd attempt(std::size_t ichunk, TaskProcess& process) const {
        return ChunkAttempt(work_dir, session(), ichunk, {0, 1}).run(process);
    }
};

// As on kernels before 5.3. False: filters are not allowed here.
bool hide_pidfds() {
    std::array<sock_filter, 4> program{
        sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
        sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_pidfd_open},
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS},
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    };
    const sock_fprog filter{program.size(), program.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

TEST_CASE("one process runs the tasks of many chunks") {
    const MapInOneJob map({{1, 2}, {3}, {}, {4}});
    CHECK(work(map) == worker_committed);
    const std::int64_t process = map.results(0).at(0);
    CHECK(process != ::getpid());
    CHECK(map.results(0) == MapOnDisk::Numbers{process, process});
    CHECK(map.results(1) == MapOnDisk::Numbers{process});
    CHECK(map.results(2).empty());
    CHECK(map.results(3) == MapOnDisk::Numbers{process});
}

TEST_CASE("a new process goes on in the chunk whose task ended the last one, and with those that follow") {
    const MapInOneJob map({{1}, {2, crash_task, 3}, {4}});
    CHECK(work(map) == worker_committed);
    const std::int64_t first = map.results(0).at(0);
    const std::int64_t second = map.results(2).at(0);
    CHECK(first != second);
    CHECK(map.results(1) == MapOnDisk::Numbers{first, second});
}

TEST_CASE("what tasks print is in the file of their chunk, whatever buffer it went through") {
    const MapInOneJob map({{1, 2}, {3}});
    CHECK(work(map) == worker_committed);
    CHECK(map.printed(0) == "cout 1\nprintf 1\ncout 2\nprintf 2\n");
    CHECK(map.printed(1) == "cout 3\nprintf 3\n");
}

TEST_CASE("a chunk that is torn fails alone, between others in the same queue job") {
    const MapInOneJob map({{1}, {2, 3}, {4}});
    const fs::path path = map.work_dir.chunk(1);
    fs::resize_file(path, fs::file_size(path) - 5);
    CHECK(work(map) == worker_failed);
    CHECK(map.num_results() == 2);
    REQUIRE(map.exit_records().size() == 1);
    CHECK(map.exit_records()[0].cause == qmr::Cause::worker_failure);
    CHECK_THAT(map.exit_records()[0].message, Catch::Contains(path.native()));
}

TEST_CASE(
    "a process that a task leaves behind does not hide the end of the task's process, and ends with it") {
    const MapInOneJob map({{1, orphan_task, 2}});
    const Diary diary;
    CHECK(work(map) == worker_committed);
    CHECK(map.results(0).size() == 2);
    CHECK(::kill(std::stoi(diary.text()), 0) != 0);
}

TEST_CASE("without pidfds it is seen all the same when tasks end their process") {
    const MapInOneJob map({{1, crash_task, 2, orphan_task}, {3}});
    const Diary diary;
    const pid_t worker = ::fork();
    if (worker == 0) ::_exit(hide_pidfds() ? work(map) : worker_committed);
    int raw = 0;
    ::waitpid(worker, &raw, 0);
    CHECK(raw == 0);
    if (diary.text().empty()) {
        WARN("no system call can be hidden here");
        return;
    }
    CHECK(map.results(0).size() == 2);
    CHECK(map.results(1).size() == 1);
    ::kill(std::stoi(diary.text()), SIGKILL);
}

TEST_CASE("a process that ended while it waited for a chunk is replaced, and no chunk is to blame") {
    const MapInOneJob map({{1}, {2}});
    TaskProcess process(map.work_dir, map.session(), code_of<WhichProcess>());
    CHECK(map.attempt(0, process) == AttemptEnd::committed);
    ::kill(static_cast<pid_t>(map.results(0).at(0)), SIGKILL);
    CHECK(map.attempt(1, process) == AttemptEnd::committed);
    CHECK(map.results(1) != map.results(0));
}

TEST_CASE("a process whose tasks have left no descriptors is replaced before the next chunk") {
    const MapInOneJob map({{1, leak_task}, {2}});
    CHECK(work(map) == worker_committed);
    CHECK(map.results(0).size() == 2);
    CHECK(map.results(1).size() == 1);
    CHECK(map.results(1)[0] != map.results(0)[0]);
    CHECK(map.exit_records().empty());
}

TEST_CASE("no file of a chunk is open any more when its attempt has ended") {
    const MapInOneJob map({{1}, {2}});
    TaskProcess process(map.work_dir, map.session(), code_of<WhichProcess>());
    CHECK(map.attempt(0, process) == AttemptEnd::committed);
    for (const std::int64_t owner : {std::int64_t{::getpid()}, map.results(0).at(0)})
        for (fs::directory_iterator entry("/proc/" + std::to_string(owner) + "/fd"), end; entry != end;
             ++entry) {
            boost::system::error_code ignored;
            CHECK_THAT(fs::read_symlink(entry->path(), ignored).native(),
                       !Catch::StartsWith(map.work_dir.path().native() + "/"));
        }
}

TEST_CASE("a process that does not end when all is done is killed after a while, and that is told") {
    const ChunkOnDisk chunk(3);
    const ErrorsToFile errors;
    {
        TaskProcess process(chunk.work_dir(), ChunkOnDisk::session, &run_and_stay, {}, qmr::Seconds{0.2});
        ChunkAttempt attempt(chunk.work_dir(), ChunkOnDisk::session, ChunkOnDisk::ichunk, {7, 2});
        CHECK(attempt.run(process) == AttemptEnd::committed);
    }
    CHECK(errors.text() ==
          "qmr worker: what came after the last task took longer than 0.2 s; its process was killed\n");
    CHECK(chunk.has_results());
}

TEST_CASE("the tasks of a worker that is killed die with it") {
    const MapInOneJob map({{task_without_end}, {1}});
    const Diary diary;
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const Descriptor source(ends[0]);
    Descriptor sink(ends[1]);  // both processes hold it open until they end
    const pid_t worker = ::fork();
    if (worker == 0) ::_exit(work(map));
    sink.reset();
    while (diary.text().empty()) ::usleep(1000);
    ::kill(worker, SIGKILL);
    ::waitpid(worker, nullptr, 0);
    pollfd watched{source.get(), POLLIN, 0};
    CHECK(::poll(&watched, 1, 30'000) == 1);
}
