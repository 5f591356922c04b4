#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <sstream>

#include "adapters/claims.hpp"
#include "worker/chunk_on_disk.hpp"
#include "worker/map_on_disk.hpp"
#include "worker/worker.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {

constexpr std::int64_t killed_task = 66;
constexpr std::int64_t slow_task = 77;

struct NotedNumber {
    std::int64_t operator()(std::int64_t task) const {
        Diary::write(std::to_string(task));
        if (task == killed_task) die_by(SIGKILL);
        if (task == slow_task) ::usleep(600'000);
        return task;
    }
};

/// A map whose queue jobs pull chunks; each chunk has one task, of its own number.
struct PulledMap : MapOnDisk {
    PulledMap(std::size_t num_chunks, const std::vector<std::vector<std::size_t>>& jobs)
        : MapOnDisk(code_of<NotedNumber>(), numbered(num_chunks), jobs) {
        manifest.is_pulled = true;
        write_manifest();
    }

    static std::vector<Numbers> numbered(std::size_t num_chunks) {
        std::vector<Numbers> chunks;
        for (std::size_t ichunk = 0; ichunk < num_chunks; ++ichunk)
            chunks.push_back({static_cast<std::int64_t>(ichunk)});
        return chunks;
    }

    [[nodiscard]] std::size_t num_claims() const { return claims.taken(manifest.num_chunks).size(); }

    Claims claims{work_dir};
    Diary diary;
};

}  // namespace

TEST_CASE("a queue job that pulls begins with its part and takes all that nobody has claimed") {
    const PulledMap map(6, {{3, 4}});
    REQUIRE(map.claims.take(1, {0, 9}));
    CHECK(work(map) == worker_committed);
    CHECK_THAT(map.diary.text(), Catch::StartsWith("3 4 "));
    CHECK(map.num_results() == 5);
    CHECK_FALSE(map.has_results(1));
    CHECK(map.claims.claimant(0) == JobKey{0, 1});
    CHECK(map.num_claims() == 6);
}

TEST_CASE("where results are wanted in order, a queue job takes the lowest chunk that nobody has claimed") {
    // Submitted for results at the end, so it was to begin with more than one.
    PulledMap map(7, {{3, 4, 5}});
    map.manifest.pull_way = PullWay::ascending;
    map.write_manifest();
    REQUIRE(map.claims.take(1, {0, 9}));
    CHECK(work(map) == worker_committed);
    CHECK(map.diary.text() == "3 0 2 4 5 6 ");
}

TEST_CASE("a queue job that pulls ends at once when nothing is left") {
    const PulledMap map(3, {{0}});
    for (const std::size_t ichunk : {0U, 1U, 2U}) REQUIRE(map.claims.take(ichunk, {0, 9}));
    CHECK(work(map) == worker_committed);
    CHECK(map.diary.text().empty());
}

TEST_CASE("a queue job that pulls does not run what has results") {
    const PulledMap map(3, {{0}});
    write_file(map.work_dir.results(1), "the first");
    CHECK(work(map) == worker_committed);
    CHECK(read_file(map.work_dir.results(1)) == "the first");
    CHECK(map.num_results() == 3);
    CHECK(map.diary.text().size() == std::string("0 2 ").size());
}

TEST_CASE("of many queue jobs that pull at once, each chunk is run by one") {
    constexpr std::size_t num_jobs = 6;
    constexpr std::size_t num_chunks = 60;
    std::vector<std::vector<std::size_t>> parts;
    for (std::size_t ijob = 0; ijob < num_jobs; ++ijob) parts.push_back({10 * ijob, 10 * ijob + 1});
    PulledMap map(num_chunks, parts);
    map.manifest.pull_way = GENERATE(PullWay::spread, PullWay::ascending);
    map.write_manifest();
    std::vector<pid_t> workers;
    for (std::size_t ijob = 0; ijob < num_jobs; ++ijob) {
        const pid_t worker = ::fork();
        if (worker == 0) ::_exit(work(map, "0", std::to_string(ijob + 1).c_str()));
        workers.push_back(worker);
    }
    for (const pid_t worker : workers) {
        int raw = 0;
        ::waitpid(worker, &raw, 0);
        CHECK(raw == 0);
    }
    CHECK(map.num_results() == num_chunks);
    std::vector<std::size_t> ran;
    std::istringstream words(map.diary.text());
    for (std::size_t task = 0; words >> task;) ran.push_back(task);
    std::ranges::sort(ran);
    CHECK(ran.size() == num_chunks);
    CHECK(std::ranges::adjacent_find(ran) == ran.end());
}

TEST_CASE("a queue job that pulls takes no other chunk after its longest time") {
    PulledMap map(3, {{0}});
    map.manifest.max_job_time = 1e-9;
    map.write_manifest();
    CHECK(work(map) == worker_committed);
    CHECK(map.diary.text() == "0 ");
    CHECK(map.num_claims() == 1);
}

TEST_CASE("a queue job that pulls takes no other chunk that may not fit in its walltime") {
    PulledMap map(3, {{0}});
    map.write_chunk(0, {slow_task});
    map.manifest.walltime = 1;
    map.write_manifest();
    CHECK(work(map) == worker_committed);
    CHECK(map.num_results() == 1);
    CHECK(map.num_claims() == 1);
}

TEST_CASE("a queue job with a list of chunks runs all of them, however long it takes") {
    PulledMap map(3, {{0, 1, 2}});
    map.manifest.is_pulled = false;
    map.manifest.max_job_time = map.manifest.walltime = 1e-9;
    map.write_manifest();
    CHECK(work(map) == worker_committed);
    CHECK(map.diary.text() == "0 1 2 ");
    CHECK(map.num_claims() == 0);
}

TEST_CASE("a queue job that pulls takes no other chunk after one that has no result") {
    const PulledMap map(3, {{0, 1}});
    map.write_chunk(0, {killed_task});
    CHECK(work(map) == worker_failed);
    CHECK(map.num_results() == 0);
    CHECK(map.num_claims() == 1);
    CHECK(map.exit_records().size() == 1);
}

TEST_CASE("a queue job of another executable that pulls says so of one chunk, and ends") {
    PulledMap map(5, {{2}});
    map.manifest.build_id = "0123456789abcdef";
    map.write_manifest();
    CHECK(work(map) == worker_failed);
    CHECK(map.num_claims() == 1);
    REQUIRE(map.exit_records().size() == 1);
    CHECK(map.exit_records()[0].cause == qmr::Cause::binary_changed);
    CHECK_FALSE(map.exit_records()[0].may_retry);
    CHECK(map.diary.text().empty());
}

TEST_CASE("a queue job that is started again begins with what it had claimed before") {
    PulledMap map(6, {{3, 4}});
    map.manifest.batch_system = "sge";
    const bool is_ascending = GENERATE(false, true);
    if (is_ascending) map.manifest.pull_way = PullWay::ascending;
    map.write_manifest();
    REQUIRE(map.claims.take(1, {0, 9}));
    REQUIRE(map.claims.take(5, {0, 1}));
    const std::string restarted = GENERATE("0", "1");
    ::setenv("RESTARTED", restarted.c_str(), 1);
    CHECK(work(map) == worker_committed);
    ::unsetenv("RESTARTED");
    const std::string part = is_ascending ? "3 0 " : "3 4 ";
    CHECK_THAT(map.diary.text(), Catch::StartsWith(restarted == "1" ? "5 " + part : part));
    CHECK(map.has_results(5) == (restarted == "1"));
    CHECK_FALSE(map.has_results(1));
}
