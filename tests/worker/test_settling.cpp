// An outcome counts only after its worker has lived on for a while.

#include <fcntl.h>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <csignal>

#include "adapters/part_file.hpp"
#include "full_chain/in_process.hpp"
#include "wait_until.hpp"
#include "worker/chunk_on_disk.hpp"
#include "worker/map_on_disk.hpp"
#include "worker/worker.hpp"

using namespace qmr;
using namespace qmr::detail;
using namespace qmr::test;

namespace {

constexpr std::int64_t endless = 66;
constexpr std::int64_t kills_itself = 67;
constexpr std::int64_t slow = 68;

struct Settles {
    std::int64_t operator()(std::int64_t task) const {
        Diary::write(std::to_string(task));
        if (task == endless) ::sleep(seconds_without_end);
        if (task == slow) ::usleep(30'000);  // its record does not wait for others in a buffer
        if (task == kills_itself) ::kill(::getpid(), SIGKILL);
        return task;
    }
};

constexpr double never = 1e6;

struct SettlingMap : MapOnDisk {
    SettlingMap(double settling_time, const std::vector<Numbers>& chunks)
        : MapOnDisk(code_of<Settles>(), chunks, {all(chunks.size())}) {
        manifest.settling_time = settling_time;
        manifest.max_num_retries_crash = 0;
        write_manifest();
    }
    static std::vector<std::size_t> all(std::size_t num_chunks) {
        std::vector<std::size_t> chunks;
        for (std::size_t ichunk = 0; ichunk < num_chunks; ++ichunk) chunks.push_back(ichunk);
        return chunks;
    }
    void wait_for(const std::string& word) const {
        wait_until([&] { return diary.text().find(word) != std::string::npos; });
    }
    [[nodiscard]] fs::path part() const {
        for (fs::directory_iterator entry(work_dir.path()), end; entry != end; ++entry)
            if (entry->path().extension() == ".part") return entry->path();
        return {};
    }
    /// Number of outcomes in the part that count.
    [[nodiscard]] std::uint64_t num_that_count() const {
        return num_valid_records(part().native(), {FileKind::results, session(), 0, 0, 100});
    }
    /// Number of outcomes in the part, whether they count or not; 0 while the part is being created.
    [[nodiscard]] std::uint64_t num_in_part() const {
        try {
            RecordReader reader(part().native(), {FileKind::results, session(), 0, 0, 0});
            return reader.skip(RecordKind::value, 100);
        } catch (const Error&) {
            return 0;
        }
    }
    Diary diary;
};

}  // namespace

TEST_CASE("what was done just before a worker is told to leave is not committed, nor kept") {
    const SettlingMap map(never, {{1, 2}});
    InProcess worker([&] { return work(map); });
    wait_until([&] { return map.num_in_part() == 2; });
    ::kill(worker.pid(), SIGTERM);
    CHECK(worker.exit_code() == worker_told_to_leave);
    CHECK(map.num_results() == 0);
    REQUIRE(map.exit_records().size() == 1);
    CHECK(map.exit_records()[0].num_records == 0);
    CHECK(map.exit_records()[0].cause == Cause::vanished);
    CHECK(map.exit_records()[0].signal == SIGTERM);
    CHECK(map.part().empty());
    CHECK(map.diary.text() == "1 2 ");
}

TEST_CASE("what was done long before a worker is told to leave, or killed, is kept") {
    const int signal = GENERATE(SIGTERM, SIGKILL);
    const SettlingMap map(0.1, {{slow, slow, endless}});
    InProcess worker([&] { return work(map); });
    map.wait_for("66");
    wait_until([&] { return map.num_that_count() == 2; });
    ::kill(worker.pid(), signal);
    if (signal == SIGKILL)
        CHECK(worker.ended_by() == SIGKILL);
    else
        CHECK(worker.exit_code() == worker_told_to_leave);
    CHECK(map.num_results() == 0);
    CHECK(map.num_that_count() == 2);
    if (signal == SIGKILL) return;
    REQUIRE(map.exit_records().size() == 1);
    CHECK(map.exit_records()[0].num_records == 2);
}

TEST_CASE("what waits in a buffer while a long task runs is kept when the worker is told to leave") {
    const SettlingMap map(0.05, {{1, 2, endless}});
    InProcess worker([&] { return work(map); });
    map.wait_for("66");
    wait_until([&] {
        const RecordReader part(map.part().native(), {FileKind::results, map.session(), 0, 0, 0});
        return part.header().num_settled == 2;
    });
    ::kill(worker.pid(), SIGTERM);
    CHECK(worker.exit_code() == worker_told_to_leave);
    REQUIRE(map.exit_records().size() == 1);
    CHECK(map.exit_records()[0].num_records == 2);
}

TEST_CASE("of a worker that is killed, what was done just before does not count") {
    const SettlingMap map(never, {{1, 2}});
    InProcess worker([&] { return work(map); });
    wait_until([&] { return map.num_in_part() == 2; });
    ::kill(worker.pid(), SIGKILL);
    CHECK(worker.ended_by() == SIGKILL);
    CHECK(map.num_in_part() == 2);
    CHECK(map.num_that_count() == 0);
    CHECK(map.num_results() == 0);
}

TEST_CASE("while the outcomes of a chunk settle, the tasks of the next ones run") {
    const SettlingMap map(0.2, {{1}, {2, 3}, {endless}});
    InProcess worker([&] { return work(map); });
    wait_until([&] { return map.has_results(1); });
    CHECK(map.has_results(0));
    map.wait_for("66");
    ::kill(worker.pid(), SIGTERM);
    CHECK(worker.exit_code() == worker_told_to_leave);
    CHECK(map.results(0) == MapOnDisk::Numbers{1});
    CHECK(map.results(1) == MapOnDisk::Numbers{2, 3});
}

TEST_CASE("a worker that has done all waits until that counts") {
    const SettlingMap map(0.3, {{1}, {2}});
    CHECK(work(map) == worker_committed);
    CHECK(map.results(0) == MapOnDisk::Numbers{1});
    CHECK(map.results(1) == MapOnDisk::Numbers{2});
    CHECK(map.part().empty());
    CHECK(map.exit_records().empty());
}

TEST_CASE("where tasks are killed and their worker lives on, what was done before counts") {
    const SettlingMap map(0.1, {{1, 2, kills_itself}});
    CHECK(work(map) == worker_failed);
    REQUIRE(map.exit_records().size() == 1);
    CHECK(map.exit_records()[0].num_records == 2);
    CHECK(map.num_that_count() == 2);
}

TEST_CASE("a mark that is torn tells that nothing counts, and a whole file counts as one") {
    const SettlingMap map(0.1, {{1, 2}});
    CHECK(work(map) == worker_committed);
    const std::string path = map.work_dir.results(0).native();
    const FileHeader expected{FileKind::results, map.session(), 0, 0, 2};
    CHECK(num_valid_records(path, expected) == 2);
    const Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    mark_settled(file.get(), path.c_str(), 1);
    CHECK(num_valid_records(path, expected) == 1);
    const std::uint64_t torn = 2;
    REQUIRE(::pwrite(file.get(), &torn, sizeof torn, 56) == sizeof torn);
    CHECK(num_valid_records(path, expected) == 0);
    CHECK(map.results(0) == MapOnDisk::Numbers{1, 2});
}
