#include <catch2/catch.hpp>
#include <limits>

#include "adapters/json_lines.hpp"
#include "adapters/manifest.hpp"
#include "qmr/error.hpp"
#include "temporary_directory.hpp"
#include "vocabulary/atomic_file.hpp"

using namespace qmr::detail;
using qmr::test::TemporaryDirectory;

namespace {

Manifest example() {
    Manifest manifest;
    manifest.session_id = "20231114T221320-000000abcdef";
    manifest.executable = "/a b/\"program\"\n";
    manifest.build_id = "0123456789abcdef";
    manifest.function_build_id = "fedcba9876543210";
    manifest.function_offset = std::numeric_limits<std::uint64_t>::max();
    manifest.num_tasks = 1'000'000'000'000;
    manifest.num_chunks = 1000;
    manifest.batch_system = "sge";
    manifest.is_pulled = true;
    manifest.pull_way = PullWay::ascending;
    manifest.max_job_time = 0.5;
    manifest.walltime = 7200;
    manifest.chunk_size = 12;
    manifest.function_hash = 1ULL << 63;
    manifest.tasks_hash = std::numeric_limits<std::uint64_t>::max();
    manifest.max_num_retries_exception = 3;
    manifest.max_num_retries_crash = 4;
    manifest.add_withheld_names({"B_TOKEN", "A_TOKEN"});
    manifest.add_withheld_names({"B_TOKEN", "C"});
    return manifest;
}

void change(const WorkDir& work_dir, const std::string& key, const Json& value) {
    Json object = Json::parse(read_file(work_dir.manifest()));
    object[key] = value;
    write_file(work_dir.manifest(), object.dump());
}

}  // namespace

TEST_CASE("a manifest is read as it was written") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    write_manifest(work_dir, example());
    const Manifest read = read_manifest(work_dir);
    CHECK(read.session_id == example().session_id);
    CHECK(read.executable == example().executable);
    CHECK(read.build_id == example().build_id);
    CHECK(read.function_build_id == example().function_build_id);
    CHECK(read.function_offset == example().function_offset);
    CHECK(read.num_tasks == example().num_tasks);
    CHECK(read.num_chunks == example().num_chunks);
    CHECK(read.batch_system == example().batch_system);
    CHECK(read.withheld_names == std::vector<std::string>{"A_TOKEN", "B_TOKEN", "C"});
    CHECK(read.is_pulled);
    CHECK(read.pull_way == PullWay::ascending);
    CHECK(read.max_job_time == example().max_job_time);
    CHECK(read.walltime == example().walltime);
    CHECK(read.chunk_size == 12);
    CHECK(read.function_hash == example().function_hash);
    CHECK(read.tasks_hash == example().tasks_hash);
    CHECK(read.max_num_retries_exception == 3);
    CHECK(read.max_num_retries_crash == 4);
}

TEST_CASE("a manifest says which format it has, and who made it where and when") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    write_manifest(work_dir, example());
    const Json object = Json::parse(read_file(work_dir.manifest()));
    CHECK(object.begin().key() == "format");
    CHECK(object.at("format") == 1);
    for (const char* key : {"qmr", "process_node", "pid", "user", "time"}) CHECK(object.contains(key));
}

TEST_CASE("a manifest of another format is refused by that format") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    write_manifest(work_dir, example());
    change(work_dir, "format", 2);
    CHECK_THROWS_WITH(read_manifest(work_dir),
                      work_dir.manifest().native() + " has format 2, this program knows format 1");
}

TEST_CASE(
    "a manifest without an order of the chunks, or with one that is not known, has the one for the end") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    write_manifest(work_dir, example());
    SECTION("without") {
        Json object = Json::parse(read_file(work_dir.manifest()));
        REQUIRE(object.erase("pull_order") == 1);
        write_file(work_dir.manifest(), object.dump());
    }
    SECTION("not known") {
        change(work_dir, "pull_order", "descending");
    }
    CHECK(read_manifest(work_dir).pull_way == PullWay::spread);
}

TEST_CASE("what is not a manifest is refused by its name") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    const auto text =
        GENERATE("", "{", "[]", "{}", "null", "{\"format\": \"one\"}", "{\"format\": 1}", "\xFF");
    CAPTURE(text);
    write_file(work_dir.manifest(), text);
    CHECK_THROWS_AS(read_manifest(work_dir), qmr::Error);
    CHECK_THROWS_WITH(read_manifest(work_dir), Catch::Contains(work_dir.manifest().native()));
}

TEST_CASE("a manifest with a value of another type is refused by its name") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    write_manifest(work_dir, example());
    change(work_dir, GENERATE("session_id", "build_id", "function", "pull_order"), 7);
    CHECK_THROWS_WITH(read_manifest(work_dir), Catch::Contains(work_dir.manifest().native()));
}

TEST_CASE(
    "a manifest with a number that is negative, or too large, or has a fraction is refused by its name") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    write_manifest(work_dir, example());
    const auto* const key = GENERATE("format", "num_tasks", "num_chunks");
    SECTION("negative") {
        change(work_dir, key, -1);
    }
    SECTION("fraction") {
        change(work_dir, key, 1.5);
    }
    SECTION("too large") {
        change(work_dir, key, 1e300);
    }
    CHECK_THROWS_WITH(read_manifest(work_dir), Catch::Contains(work_dir.manifest().native()));
}

TEST_CASE("a manifest that is missing is named") {
    const WorkDir work_dir("/nowhere");
    CHECK_THROWS_WITH(read_manifest(work_dir), Catch::Contains("/nowhere/manifest.json"));
    CHECK_THROWS_AS(read_manifest(work_dir), qmr::Error);
}

TEST_CASE("the chunks of each queue job of a submission are read as they were written") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    const std::vector<JobLine> jobs{
        {{7}, false}, {{1, 2, 30}, false}, {{0}, true}, {{std::numeric_limits<std::size_t>::max()}, false}};
    write_jobs(work_dir, 3, jobs);
    CHECK(read_jobs(work_dir, 3) == jobs);
    for (std::size_t i = 0; i < jobs.size(); ++i) CHECK(read_job(work_dir, 3, i + 1) == jobs[i]);
}

TEST_CASE("a queue job that a submission does not have is named by its line") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    write_jobs(work_dir, 3, {{{7}, false}, {{8}, false}});
    CHECK_THROWS_WITH(read_job(work_dir, 3, 0), work_dir.jobs(3).native() + " has no line 0");
    CHECK_THROWS_WITH(read_job(work_dir, 3, 3), work_dir.jobs(3).native() + " has no line 3");
    CHECK_THROWS_WITH(read_job(work_dir, 4, 1), Catch::Contains(work_dir.jobs(4).native()));
}

TEST_CASE("a line that is no list of chunks is refused by its number") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    const auto line =
        GENERATE("", "x", "1 x", "1  2", "1 ", " 1", "1,2", "1 2.5", " only", "-1", "99999999999999999999");
    CAPTURE(line);
    write_file(work_dir.jobs(3), std::string("7\n") + line + "\n");
    CHECK_THROWS_WITH(read_jobs(work_dir, 3), Catch::Contains("000003.jobs, line 2: "));
}
