// Whatever is killed, and whenever: what is done is not done again, and no result is wrong.

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <new>
#include <random>

#include "adapters/chunk_head.hpp"
#include "adapters/part_file.hpp"
#include "worker/chunk_on_disk.hpp"
#include "worker/map_on_disk.hpp"
#include "worker/worker.hpp"

using namespace qmr;
using namespace qmr::detail;
using namespace qmr::test;

namespace {

constexpr std::size_t num_killed_tasks = 60;

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// What tasks tell of themselves, whoever is killed.
struct Deeds {
    std::atomic<pid_t> process = 0;
    std::array<std::atomic<int>, num_killed_tasks> num_runs{};
    std::array<std::atomic<double>, num_killed_tasks>
        end{};  ///< of the last run, in seconds; 0: none has ended
};
Deeds* deeds = nullptr;

class SharedDeeds {
  public:
    SharedDeeds()
        : memory_(::mmap(nullptr, sizeof(Deeds), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
        REQUIRE(memory_ != MAP_FAILED);
        deeds = new (memory_) Deeds;
    }
    ~SharedDeeds() { ::munmap(memory_, sizeof(Deeds)); }
    SharedDeeds(const SharedDeeds&) = delete;
    SharedDeeds& operator=(const SharedDeeds&) = delete;

  private:
    void* memory_;
};

using Result = std::vector<std::int64_t>;

// Now and then larger than the buffer of the results.
Result result_of(std::int64_t task) {
    return Result(task % 9 == 4 ? 40'000 : 3, task);
}

struct Busy {
    Result operator()(std::int64_t task) const {
        const auto itask = static_cast<std::size_t>(task);
        deeds->process = ::getpid();
        ++deeds->num_runs[itask];
        ::usleep(static_cast<useconds_t>(task % 5) * 150);
        Result result = result_of(task);
        deeds->end[itask] = now();
        return result;
    }
};

struct BusyMap : MapOnDisk {
    BusyMap() : MapOnDisk(code_of<Busy>(), {all_tasks()}, {{0}}) {}
    static Numbers all_tasks() {
        Numbers tasks;
        for (std::size_t i = 0; i < num_killed_tasks; ++i) tasks.push_back(static_cast<std::int64_t>(i));
        return tasks;
    }

    /// What a pool does: the best part is where the next attempt begins.
    [[nodiscard]] ChunkHead best_head() const {
        ChunkHead head;
        for (fs::directory_iterator entry(work_dir.path()), end; entry != end; ++entry) {
            if (entry->path().extension() != ".part") continue;
            const std::uint64_t number = num_valid_records(
                entry->path().native(), {FileKind::results, session(), 0, 0, num_killed_tasks});
            if (number > head.num_records) head = {entry->path().filename().native(), number, {}};
        }
        return head;
    }

    void check_results() const {
        RecordReader reader(work_dir.results(0).native(), {FileKind::results, session(), 0, 0, 0});
        Loader loader(reader);
        for (std::size_t i = 0; i < num_killed_tasks; ++i) {
            REQUIRE(reader.next());
            REQUIRE(reader.kind() == RecordKind::value);
            Result result;
            loader.load(result);
            REQUIRE((result == result_of(static_cast<std::int64_t>(i))));
        }
        REQUIRE(reader.next());
        REQUIRE(reader.kind() == RecordKind::info);
        REQUIRE_FALSE(reader.next());
    }
};

enum class Victim { worker, tasks, both };

// Runs a worker for a while, kills, and waits until nothing of it is left. False: it had ended before.
bool run_and_kill(const MapOnDisk& map, Victim victim, useconds_t after) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const Descriptor source(ends[0]);
    Descriptor sink(ends[1]);  // both processes hold it open until they end
    deeds->process = 0;
    const pid_t worker = ::fork();
    if (worker == 0) ::_exit(work(map));
    sink.reset();
    ::usleep(after);
    const pid_t process = deeds->process;
    if (victim != Victim::tasks) ::kill(worker, SIGKILL);
    if (victim != Victim::worker && process != 0) ::kill(process, SIGKILL);
    int raw = 0;
    ::waitpid(worker, &raw, 0);
    pollfd watched{source.get(), POLLIN, 0};
    REQUIRE(::poll(&watched, 1, 30'000) == 1);
    return raw != 0;
}

// What had ended and is lost has ended within a moment.
void check_lost(std::size_t num_kept, double begin) {
    double first = 0;
    double last = 0;
    for (std::size_t i = num_kept; i < num_killed_tasks; ++i) {
        const double end = deeds->end[i];
        if (end < begin) continue;
        if (first == 0) first = end;
        last = end;
    }
    // 10 ms, and what a busy machine adds.
    CHECK(last - first < 0.2);
}

}  // namespace

TEST_CASE("whoever is killed at whatever moment, the next attempt goes on and gets all results right") {
    std::mt19937 random(20231114);
    for (int seed = 0; seed < 50; ++seed) {
        CAPTURE(seed);
        const SharedDeeds shared;
        const BusyMap map;
        for (int ikill = 0; ikill < 3; ++ikill) {
            const double begin = now();
            const auto victim = static_cast<Victim>(random() % 3);
            if (!run_and_kill(map, victim, static_cast<useconds_t>(random() % 20'000))) break;
            const ChunkHead head = map.best_head();
            check_lost(head.num_records, begin);
            for (const ExitRecord& record : map.exit_records())
                REQUIRE(record.num_records <= head.num_records);
            if (head.num_records > 0) head.write(map.work_dir, 0);
            for (std::size_t i = 0; i < head.num_records; ++i) deeds->num_runs[i] = 1000;
        }
        REQUIRE(work(map) == worker_committed);
        map.check_results();
        // A task whose outcome was there has not run again.
        for (std::size_t i = 0; i < num_killed_tasks; ++i) {
            const int num_runs = deeds->num_runs[i];
            REQUIRE((num_runs == 1000 || (num_runs >= 1 && num_runs <= 4)));
        }
    }
}

namespace {

const ChunkOnDisk* looked_at = nullptr;

}  // namespace

TEST_CASE("an outcome that took a while is in the file before the next task begins") {
    ChunkOnDisk chunk(4);
    looked_at = &chunk;
    CHECK(chunk.attempt([](std::int64_t) {
        const auto num_in_file = static_cast<std::int64_t>(looked_at->num_in_part(looked_at->name(".part")));
        ::usleep(30'000);
        return num_in_file;
    }) == AttemptEnd::committed);
    CHECK(chunk.outcomes() == Outcomes{value(0), value(1), value(2), value(3)});
}
