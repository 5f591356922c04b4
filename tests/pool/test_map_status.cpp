// How far a map is, as its work_dir tells, on each site that a test can have.

#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <cereal/types/string.hpp>
#include <chrono>
#include <csignal>
#include <ctime>
#include <functional>
#include <qmr/map_status.hpp>
#include <ranges>

#include "adapters/json_lines.hpp"
#include "adapters/lease.hpp"
#include "full_chain/resumed.hpp"
#include "vocabulary/work_dir.hpp"
#include "wait_until.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

std::int64_t throws_at_seven(std::int64_t x) {
    if (x % 10 == 7) throw std::runtime_error("no such event");
    return x;
}

bool adds_up(const MapStatus& map) {
    return map.num_tasks == map.num_tasks_done + map.num_tasks_failed + map.num_tasks_left &&
           map.num_chunks == map.num_chunks_committed + map.num_chunks_given_up + map.num_chunks_running +
                                 map.num_chunks_waiting;
}

/// Looks again and again until this is so.
MapStatus wait_until(const std::filesystem::path& work_dir,
                     const std::function<bool(const MapStatus&)>& is_so) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
        try {
            const MapStatus map = read_map_status(work_dir);
            REQUIRE(adds_up(map));
            if (is_so(map)) return map;
        } catch (const BadInput&) {
            // It is not there yet.
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    FAIL("it never came");
    return {};
}

std::vector<std::pair<std::string, detail::fs::file_type>> listing(const std::filesystem::path& work_dir) {
    std::vector<std::pair<std::string, detail::fs::file_type>> all;
    for (const auto& entry : detail::fs::recursive_directory_iterator(work_dir.native()))
        all.emplace_back(entry.path().native() + " " +
                             std::to_string(detail::fs::is_regular_file(entry.symlink_status())
                                                ? detail::fs::last_write_time(entry.path())
                                                : 0),
                         entry.symlink_status().type());
    std::ranges::sort(all);
    return all;
}

}  // namespace

TEST_CASE("status: a map that came to its end is complete") {
    for (const Site& site : all_sites) {
        INFO(site.name);
        const Resumed map(site, 0);
        REQUIRE(map.is_right());
        const auto before = listing(map.chain().work_dir());
        const MapStatus status = read_map_status(map.chain().work_dir());
        CHECK(adds_up(status));
        CHECK(status.state == MapState::complete);
        CHECK(status.work_dir == map.chain().work_dir());
        CHECK(status.batch_system == (site.is_local ? "local" : "sge"));
        CHECK(status.jobs == site.jobs);
        CHECK(status.num_tasks_done == 30);
        CHECK(status.num_chunks_committed == 10);
        CHECK(status.num_queue_jobs >= 1);
        CHECK(status.num_submissions >= 1);
        CHECK_FALSE(status.process_node);
        CHECK_FALSE(status.session_id.empty());
        CHECK_FALSE(status.executable.empty());
        REQUIRE(status.begin);
        CHECK(*status.begin <= status.last_change + std::chrono::seconds(1));
        CHECK(listing(map.chain().work_dir()) == before);
    }
}

TEST_CASE("status: tasks that failed are counted, and the map is complete with them") {
    for (const Site& site : all_sites) {
        INFO(site.name);
        const Resumed map(site, 0);
        static_cast<void>(Pool(map.options()).try_map(throws_at_seven, numbers(30)));
        const MapStatus status = read_map_status(map.chain().work_dir());
        CHECK(adds_up(status));
        CHECK(status.state == MapState::complete_with_failures);
        CHECK(status.num_tasks_done == 27);
        CHECK(status.num_tasks_failed == 3);
        CHECK(status.num_chunks_committed == 10);
    }
}

TEST_CASE(
    "status: a map runs, is left alone when its process is killed, and complete when one went on with it") {
    for (const Site& site : all_sites) {
        INFO(site.name);
        const Resumed map(site, 20);
        const auto work_dir = map.chain().work_dir();
        InProcess caller([&] { return map.is_right() ? 0 : 1; });
        const MapStatus running = wait_until(work_dir, [](const MapStatus& status) {
            return status.num_chunks_running > 0 && status.num_tasks_done > 0;
        });
        CHECK(running.state == MapState::running);
        REQUIRE(running.process_node);
        CHECK(running.process_node->pid == caller.pid());
        CHECK(running.process_node->life == ProcessNode::Life::alive);
        CHECK(running.process_node->is_working);
        CHECK(running.process_node->begin);
        CHECK(running.num_tasks == 30);
        CHECK(running.num_chunks == 10);
        CHECK(running.elapsed.count() > 0);

        ::kill(caller.pid(), SIGKILL);
        CHECK(caller.ended_by() == SIGKILL);
        const MapStatus left = read_map_status(work_dir);
        CHECK(adds_up(left));
        CHECK(left.state == MapState::left_alone);
        REQUIRE(left.process_node);
        CHECK(left.process_node->life == ProcessNode::Life::gone);
        CHECK_FALSE(left.process_node->is_working);
        if (site.is_local) CHECK(left.num_chunks_running == 0);
        CHECK(left.num_tasks_done >= running.num_tasks_done);

        CHECK(map.is_right());
        CHECK(read_map_status(work_dir).state == MapState::complete);
    }
}

TEST_CASE("status: a map that was interrupted is left alone, and nothing of it runs") {
    for (const Site& site : all_sites) {
        INFO(site.name);
        const Resumed map(site, 20);
        const auto work_dir = map.chain().work_dir();
        InProcess caller([&] { return map.is_right() ? 0 : 1; });
        wait_until(work_dir, [](const MapStatus& status) { return status.num_tasks_done > 0; });
        ::kill(caller.pid(), SIGINT);
        CHECK(caller.ended_by() == SIGINT);
        const MapStatus status = read_map_status(work_dir);
        CHECK(status.state == MapState::left_alone);
        CHECK(status.num_chunks_running == 0);
        if (site.is_local) CHECK(status.num_tasks_left > 0);
        REQUIRE(status.last_warning);
        CHECK_THAT(status.last_warning->message, Catch::Contains("interrupted"));
    }
}

TEST_CASE("status: when all is computed, but the process died before it took it, the map is left alone") {
    const Chain chain;
    InProcess caller([&] {
        // Dies while it reads the last result.
        struct Deadly {
            int x = 0;
            void save(cereal::BinaryOutputArchive& archive) const { archive(x); }
            void load(cereal::BinaryInputArchive&) { ::raise(SIGKILL); }
        };
        auto options = chain.options();
        options.num_chunks = 1;
        static_cast<void>(Pool(options).map([](int x) { return Deadly{x}; }, std::vector<int>(3)));
        return 0;
    });
    CHECK(caller.ended_by() == SIGKILL);
    const MapStatus status = read_map_status(chain.work_dir());
    CHECK(status.num_tasks_done == 3);
    CHECK(status.num_chunks_committed == 1);
    CHECK(status.state == MapState::left_alone);
}

TEST_CASE(
    "status: of a chunk that runs, the tasks that are done count, and of one that was given up those with a "
    "value") {
    const Chain chain;
    auto options = local_options(chain.directory());
    options.jobs = GENERATE(Jobs::one_per_chunk, Jobs::pull);
    options.num_chunks = 1;
    const std::string mark = (chain.directory() / "mark").native();
    InProcess caller([&] {
        const auto f = [](std::int64_t x, const std::string& path) {
            // So that what is done before the last task is in the file.
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            while (x == 5 && !std::filesystem::exists(path))
                std::this_thread::sleep_for(std::chrono::milliseconds(2));
            if (x == 5) ::kill(::getppid(), SIGKILL);
            if (x == 5) ::kill(::getpid(), SIGKILL);
            if (x == 2) throw std::runtime_error("no");
            return x;
        };
        options.max_num_retries.vanished = 0;
        options.max_num_retries.worker_failure = 0;
        const std::vector<std::string> marks(6, mark);
        static_cast<void>(Pool(options).try_map(f, numbers(6), marks));
        return 0;
    });
    const MapStatus running =
        wait_until(chain.work_dir(), [](const MapStatus& status) { return status.num_tasks_done == 4; });
    CHECK(running.num_tasks_failed == 1);
    CHECK(running.num_tasks_left == 1);
    CHECK(running.num_chunks_running == 1);
    std::ofstream(mark) << "go on";
    CHECK(caller.exit_code() == 0);
    const MapStatus status = read_map_status(chain.work_dir());
    CHECK(status.num_chunks_given_up == 1);
    CHECK(status.num_tasks_done == 4);
    CHECK(status.num_tasks_failed == 2);
    CHECK(status.state == MapState::complete_with_failures);
}

TEST_CASE("status: a range of unknown length has as many chunks as it took") {
    const Chain chain;
    auto options = local_options(chain.directory());
    options.chunk_size = 4;
    const auto odd = [](std::int64_t x) { return x % 2 != 0; };
    const auto tasks = numbers(30);
    static_cast<void>(Pool(options).try_map(throws_at_seven, tasks | std::views::filter(odd)));
    const MapStatus status = read_map_status(chain.work_dir());
    CHECK(adds_up(status));
    CHECK(status.num_tasks == 15);
    CHECK(status.num_chunks == 4);
    CHECK(status.num_tasks_failed == 3);
    CHECK(status.num_tasks_done == 12);
}

TEST_CASE("status: a map of 100,000 tasks is told at once, and no value is read for it") {
    const Chain chain;
    auto options = local_options(chain.directory());
    options.num_chunks = 1000;
    CHECK(Pool(options).map(square, numbers(100'000)).size() == 100'000);
    for (std::size_t ichunk = 0; ichunk < 1000; ++ichunk)
        std::filesystem::resize_file(detail::WorkDir(chain.work_dir().native()).results(ichunk).native(), 0);
    const auto cpu_seconds = [] { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; };
    const double begin = cpu_seconds();
    const MapStatus status = read_map_status(chain.work_dir());
    CHECK(cpu_seconds() - begin < 1);
    CHECK(status.num_tasks_done == 100'000);
    CHECK(status.num_chunks_committed == 1000);
}

TEST_CASE("status: a line of progress is that of map()") {
    MapStatus status;
    status.num_tasks = 1000;
    status.num_tasks_done = 497;
    status.num_tasks_failed = 3;
    status.num_chunks_running = 2;
    status.num_chunks_waiting = 6;
    status.elapsed = Seconds{50};
    CHECK(progress_line(status) == "qmr: 500/1000 tasks, 2 running, 6 pending, 3 failed, 10/s, 50 s left");
    CHECK(progress_line(status, 18) == "qmr: 500/1000 task");
}

TEST_CASE("status: what is prepared is told, and what was never prepared is left alone") {
    const TemporaryDirectory directory;
    const std::filesystem::path path = directory.path().native();
    {
        const detail::Lease lease(detail::WorkDir(directory.path()), Seconds{7}, [](const std::string&) {});
        CHECK(read_map_status(path).state == MapState::preparing);
    }
    std::ofstream(path / "journal.jsonl") << "";
    CHECK(read_map_status(path).state == MapState::left_alone);
}

TEST_CASE("status: a process on another host works on the map as long as it touches its lease") {
    const Resumed map(all_sites[1], 0);
    REQUIRE(map.is_right());
    const auto work_dir = map.chain().work_dir();
    const auto lease = (work_dir / "lease.000007").native();
    const detail::Json holder{
        {"host", "elsewhere"}, {"machine", "another"}, {"pid", 7}, {"begin", 8}, {"silence", 60}};
    std::ofstream(lease) << holder.dump();
    const MapStatus status = read_map_status(work_dir);
    CHECK(status.state == MapState::running);
    REQUIRE(status.process_node);
    CHECK(status.process_node->host == "elsewhere");
    CHECK(status.process_node->pid == 7);
    CHECK(status.process_node->life == ProcessNode::Life::unknown);
    detail::fs::last_write_time(lease, std::time(nullptr) - 100);
    CHECK(read_map_status(work_dir).state == MapState::left_alone);
    CHECK_FALSE(read_map_status(work_dir).process_node->is_working);
}
