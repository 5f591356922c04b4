#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <string>

#include "adapters/executable.hpp"
#include "adapters/manifest.hpp"
#include "qmr/detail/function.hpp"
#include "temporary_directory.hpp"
#include "vocabulary/job_name.hpp"
#include "worker/chunk_on_disk.hpp"
#include "worker/worker.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {

struct Square {
    std::int64_t operator()(std::int64_t number) const {
        if (number == 13) die_by(SIGKILL);
        return number * number;
    }
};
using Code = Registered<Square, std::int64_t>;

/// A work_dir of a map of three tasks in two chunks.
class MapOnDisk {
  public:
    MapOnDisk() {
        static_cast<void>(Code::is_known);
        const auto place = locate(reinterpret_cast<const void*>(&Code::run));
        manifest.session_id = "20231114T221320-000000abcdef";
        manifest.build_id = own_build_id();
        manifest.function_build_id = place->build_id;
        manifest.function_offset = place->offset;
        manifest.num_tasks = 3;
        manifest.num_chunks = 2;
        write_manifest(work_dir, manifest);
        write_jobs(work_dir, 0, {{0}, {1}, {0, 1}});
        write_chunk(0, {2, 3});
        write_chunk(1, {4});
    }

    void write_chunk(std::size_t ichunk, const std::vector<std::int64_t>& tasks) const {
        const std::string path = work_dir.chunk(ichunk).native();
        fs::remove(path);
        const Descriptor file = create_file(path);
        std::vector<std::byte> buffer(4096);
        RecordWriter writer(file.get(), path.c_str(), buffer);
        writer.write_header({FileKind::chunk, session_hash(manifest.session_id), ichunk, 0, tasks.size()});
        for (const std::int64_t task : tasks)
            writer.write_record(RecordKind::task, {reinterpret_cast<const char*>(&task), sizeof task});
        writer.finish();
    }

    [[nodiscard]] std::vector<std::int64_t> results(std::size_t ichunk) const {
        RecordReader reader(work_dir.results(ichunk).native(),
                            {FileKind::results, session_hash(manifest.session_id), ichunk, 0, 0});
        Loader loader(reader);
        std::vector<std::int64_t> numbers;
        while (reader.next())
            if (reader.kind() == RecordKind::value) loader.load(numbers.emplace_back());
        return numbers;
    }

    [[nodiscard]] std::vector<ExitRecord> exit_records() const {
        std::vector<ExitRecord> records;
        for (fs::directory_iterator entry(work_dir.path()), end; entry != end; ++entry)
            if (entry->path().extension() == ".exit")
                records.push_back(ExitRecord::from_json(read_file(entry->path())));
        return records;
    }

    TemporaryDirectory directory;
    WorkDir work_dir{directory.path()};
    Manifest manifest;
};

int work(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"program", "--qmr-worker"});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    std::fflush(nullptr);
    return run_worker(static_cast<int>(arguments.size()), argv.data());
}

int work(const MapOnDisk& map, const char* isubmission, const char* index) {
    return work({map.work_dir.path().native(), isubmission, index});
}

}  // namespace

TEST_CASE("a worker runs the chunk of its queue job, and no other") {
    const MapOnDisk map;
    CHECK(work(map, "0", "1") == worker_committed);
    CHECK(map.results(0) == std::vector<std::int64_t>{4, 9});
    CHECK_FALSE(fs::exists(map.work_dir.results(1)));
}

TEST_CASE("a worker runs all chunks of its queue job") {
    const MapOnDisk map;
    CHECK(work(map, "0", "3") == worker_committed);
    CHECK(map.results(0) == std::vector<std::int64_t>{4, 9});
    CHECK(map.results(1) == std::vector<std::int64_t>{16});
}

TEST_CASE("a worker goes on with the next chunk after one that failed, and tells so") {
    const MapOnDisk map;
    map.write_chunk(0, {1, 13});
    CHECK(work(map, "0", "3") == worker_failed);
    CHECK(map.results(1) == std::vector<std::int64_t>{16});
    REQUIRE(map.exit_records().size() == 1);
    CHECK(map.exit_records()[0].may_retry);
}

TEST_CASE("a worker with bad arguments can not run, and says why") {
    const MapOnDisk map;
    const ErrorsToFile errors;
    const std::string path = map.work_dir.path().native();
    const auto arguments = GENERATE_COPY(
        std::vector<std::string>{}, std::vector{path}, std::vector<std::string>{path, "0"},
        std::vector<std::string>{path, "0", ""}, std::vector<std::string>{path, "0", "undefined"},
        std::vector<std::string>{path, "x", "1"}, std::vector<std::string>{path, "-1", "1"},
        std::vector<std::string>{path, "0", "1x"}, std::vector<std::string>{path, "0", "1", "1"});
    CHECK(work(arguments) == worker_can_not_run);
    CHECK_THAT(errors.text(), Catch::StartsWith("qmr worker: a worker is started by worker_launcher.sh"));
}

TEST_CASE("a worker whose queue job is unknown can not run, and says why") {
    const MapOnDisk map;
    const ErrorsToFile errors;
    const auto [isubmission, index] =
        GENERATE(table<const char*, const char*>({{"0", "0"}, {"0", "4"}, {"1", "1"}}));
    CHECK(work(map, isubmission, index) == worker_can_not_run);
    CHECK_THAT(errors.text(), Catch::Contains(map.work_dir.jobs(*isubmission == '0' ? 0 : 1).native()));
}

TEST_CASE("a worker without a manifest, or with one that it can not read, can not run, and says why") {
    const MapOnDisk map;
    const ErrorsToFile errors;
    SECTION("missing") {
        fs::remove(map.work_dir.manifest());
    }
    SECTION("torn") {
        write_file(map.work_dir.manifest(), "{\"format\": 1,");
    }
    CHECK(work(map, "0", "1") == worker_can_not_run);
    CHECK_THAT(errors.text(), Catch::Contains(map.work_dir.manifest().native()));
}

TEST_CASE("a worker of another executable runs nothing, and tells each chunk why not to try again") {
    MapOnDisk map;
    map.manifest.build_id = "0123456789abcdef";
    write_manifest(map.work_dir, map.manifest);
    CHECK(work(map, "0", "3") == worker_failed);
    REQUIRE(map.exit_records().size() == 2);
    for (const ExitRecord& record : map.exit_records()) {
        CHECK(record.cause == qmr::Cause::binary_changed);
        CHECK_FALSE(record.may_retry);
        CHECK_THAT(record.message, Catch::Contains("0123456789abcdef") && Catch::Contains(own_build_id()));
        CHECK_FALSE(record.host.empty());
    }
    CHECK_FALSE(fs::exists(map.work_dir.results(0)));
}

TEST_CASE(
    "a worker does not call what is no registered function, and tells each chunk why not to try again") {
    MapOnDisk map;
    SECTION("a place within the executable") {
        map.manifest.function_offset += 1;
    }
    SECTION("a place beyond it") {
        map.manifest.function_offset = ~std::uint64_t{0};
    }
    SECTION("another module") {
        map.manifest.function_build_id = "0123456789abcdef";
    }
    write_manifest(map.work_dir, map.manifest);
    CHECK(work(map, "0", "3") == worker_failed);
    REQUIRE(map.exit_records().size() == 2);
    for (const ExitRecord& record : map.exit_records()) {
        CHECK_FALSE(record.may_retry);
        CHECK_THAT(record.message, Catch::Contains("the function is not in this executable"));
    }
    CHECK_FALSE(fs::exists(map.work_dir.results(0)));
}

TEST_CASE("no exit code of a worker means something to a batch system") {
    for (const int code :
         {worker_committed, worker_failed, worker_can_not_run, launcher_failed, worker_disk_full}) {
        CHECK(code != 99);
        CHECK(code != 100);
        CHECK(code < 125);
    }
}
