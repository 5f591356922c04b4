#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <csignal>
#include <string>

#include "adapters/executable.hpp"
#include "worker/chunk_on_disk.hpp"
#include "worker/map_on_disk.hpp"
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

/// A map of three tasks in two chunks.
struct MapOfSquares : MapOnDisk {
    MapOfSquares() : MapOnDisk(code_of<Square>(), {{2, 3}, {4}}, {{0}, {1}, {0, 1}}) {}
};

}  // namespace

TEST_CASE("a worker runs the chunk of its queue job, and no other") {
    const MapOfSquares map;
    CHECK(work(map, "0", "1") == worker_committed);
    CHECK(map.results(0) == std::vector<std::int64_t>{4, 9});
    CHECK_FALSE(map.has_results(1));
}

TEST_CASE("a worker runs all chunks of its queue job") {
    const MapOfSquares map;
    CHECK(work(map, "0", "3") == worker_committed);
    CHECK(map.results(0) == std::vector<std::int64_t>{4, 9});
    CHECK(map.results(1) == std::vector<std::int64_t>{16});
}

TEST_CASE("a worker goes on with the next chunk after one that failed, and tells so") {
    const MapOfSquares map;
    map.write_chunk(0, {1, 13});
    CHECK(work(map, "0", "3") == worker_failed);
    CHECK(map.results(1) == std::vector<std::int64_t>{16});
    REQUIRE(map.exit_records().size() == 1);
    CHECK(map.exit_records()[0].may_retry);
}

TEST_CASE("a worker with bad arguments can not run, and says why") {
    const MapOfSquares map;
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
    const MapOfSquares map;
    const ErrorsToFile errors;
    const auto [isubmission, index] =
        GENERATE(table<const char*, const char*>({{"0", "0"}, {"0", "4"}, {"1", "1"}}));
    CHECK(work(map, isubmission, index) == worker_can_not_run);
    CHECK_THAT(errors.text(), Catch::Contains(map.work_dir.jobs(*isubmission == '0' ? 0 : 1).native()));
}

TEST_CASE("a worker without a manifest, or with one that it can not read, can not run, and says why") {
    const MapOfSquares map;
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

TEST_CASE("a worker does not follow a symbolic link in the place of a file, and names it") {
    const MapOfSquares map;
    const ErrorsToFile errors;
    const auto replace_by_link = [](const fs::path& path) {
        fs::rename(path, path.native() + ".elsewhere");
        fs::create_symlink(path.filename().native() + ".elsewhere", path);
    };
    SECTION("manifest") {
        replace_by_link(map.work_dir.manifest());
        CHECK(work(map, "0", "1") == worker_can_not_run);
        CHECK_THAT(errors.text(), Catch::Contains("manifest.json: it is a symbolic link"));
    }
    SECTION("its line") {
        replace_by_link(map.work_dir.jobs(0));
        CHECK(work(map, "0", "1") == worker_can_not_run);
        CHECK_THAT(errors.text(), Catch::Contains("000000.jobs: it is a symbolic link"));
    }
    SECTION("tasks") {
        const fs::path path = map.work_dir.chunk(0);
        replace_by_link(path);
        CHECK(work(map, "0", "1") == worker_failed);
        REQUIRE(map.exit_records().size() == 1);
        CHECK_THAT(map.exit_records()[0].message, Catch::Contains(path.native() + ": it is a symbolic link"));
    }
    CHECK_FALSE(map.has_results(0));
}

TEST_CASE("a worker refuses a work_dir that others can write to, or that is a symbolic link") {
    const MapOfSquares map;
    const ErrorsToFile errors;
    std::string path = map.work_dir.path().native();
    SECTION("others can write to it") {
        fs::permissions(path, fs::all_all);
    }
    SECTION("symbolic link") {
        const TemporaryDirectory directory;
        path = (directory / "link").native();
        fs::create_symlink(map.work_dir.path(), path);
    }
    CHECK(work({path, "0", "1"}) == worker_can_not_run);
    CHECK_THAT(errors.text(), Catch::StartsWith("qmr worker: " + path));
    CHECK_FALSE(map.has_results(0));
}

TEST_CASE("a worker of another executable runs nothing, and tells each chunk why not to try again") {
    MapOfSquares map;
    map.manifest.build_id = "0123456789abcdef";
    map.write_manifest();
    CHECK(work(map, "0", "3") == worker_failed);
    REQUIRE(map.exit_records().size() == 2);
    for (const ExitRecord& record : map.exit_records()) {
        CHECK(record.cause == qmr::Cause::binary_changed);
        CHECK_FALSE(record.may_retry);
        CHECK_THAT(record.message, Catch::Contains("0123456789abcdef") && Catch::Contains(own_build_id()));
        CHECK_FALSE(record.host.empty());
    }
    CHECK_FALSE(map.has_results(0));
}

TEST_CASE(
    "a worker does not call what is no registered function, and tells each chunk why not to try again") {
    MapOfSquares map;
    SECTION("a place within the executable") {
        map.manifest.function_offset += 1;
    }
    SECTION("a place beyond it") {
        map.manifest.function_offset = ~std::uint64_t{0};
    }
    SECTION("another module") {
        map.manifest.function_build_id = "0123456789abcdef";
    }
    map.write_manifest();
    CHECK(work(map, "0", "3") == worker_failed);
    REQUIRE(map.exit_records().size() == 2);
    for (const ExitRecord& record : map.exit_records()) {
        CHECK_FALSE(record.may_retry);
        CHECK_THAT(record.message, Catch::Contains("the function is not in this executable"));
    }
    CHECK_FALSE(map.has_results(0));
}

TEST_CASE("no exit code of a worker means something to a batch system") {
    for (const int code : {worker_committed, worker_failed, worker_can_not_run, launcher_failed,
                           worker_disk_full, worker_told_to_leave}) {
        CHECK(code != 99);
        CHECK(code != 100);
        CHECK(code < 125);
    }
}
