#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <optional>

#include "file_size_limit.hpp"
#include "worker/chunk_on_disk.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {

std::int64_t same(std::int64_t number) {
    return number;
}
std::int64_t other(std::int64_t number) {
    return -number;
}

// 80 MB of results.
void much(ChunkRun& run) {
    const std::string text(10'000, 'x');
    while (Loader* loader = run.next_task()) {
        try {
            std::int64_t task = 0;
            loader->load(task);
            run.begin_value().save(text);
            run.end_value();
        } catch (...) {
            run.fail();
        }
    }
}

/// A small file system in memory.
class SmallDisk {
  public:
    explicit SmallDisk(const fs::path& path) : path_(path) {
        fs::create_directory(path);
        is_mounted_ = ::mount("qmr_test", path.c_str(), "tmpfs", 0, "size=1m") == 0;
    }
    ~SmallDisk() {
        if (is_mounted_) ::umount2(path_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    [[nodiscard]] bool is_mounted() const { return is_mounted_; }

  private:
    fs::path path_;
    bool is_mounted_ = false;
};

}  // namespace

TEST_CASE("a chunk that has results is not run again") {
    ChunkOnDisk chunk(2);
    write_file(chunk.work_dir().results(ChunkOnDisk::ichunk), "the first");
    CHECK(chunk.attempt([](std::int64_t) -> std::int64_t { die_by(SIGKILL); }) == AttemptEnd::committed);
    CHECK(read_file(chunk.work_dir().results(ChunkOnDisk::ichunk)) == "the first");
    CHECK(chunk.exit_records().empty());
}

TEST_CASE("of two attempts at once the first complete file wins, and nothing is left of the other") {
    ChunkOnDisk chunk(2);
    static ChunkOnDisk* shared = nullptr;
    shared = &chunk;
    CHECK(chunk.attempt([](std::int64_t number) {
        // While this attempt runs, another one runs from its beginning to its end.
        if (number == 1) {
            std::puts("slow");
            std::fflush(stdout);
            static_cast<void>(shared->attempt(&other));
        }
        return number;
    }) == AttemptEnd::committed);
    CHECK(chunk.outcomes() == Outcomes{value(0), value(-1)});
    CHECK(chunk.files(".out").size() == 1);
    CHECK(chunk.files(".part").empty());
    CHECK(chunk.files(".o").empty());
    CHECK(chunk.exit_records().empty());
}

TEST_CASE("what tasks print is in the files of the attempt, and not on those of the worker") {
    ChunkOnDisk chunk(3);
    CHECK(chunk.attempt([](std::int64_t number) {
        // stderr first: it is tied to stdout, which would be flushed by it.
        std::cerr << "err " << number << '\n';
        std::clog << "log" << number << '\n';
        std::printf("out %d\n", static_cast<int>(number));
        std::cout << "cout" << '\n';
        return number;
    }) == AttemptEnd::committed);
    REQUIRE(chunk.files(".o").size() == 1);
    REQUIRE(chunk.files(".e").size() == 1);
    CHECK(chunk.files(".o")[0] == "out 0\ncout\nout 1\ncout\nout 2\ncout\n");
    CHECK(chunk.files(".e")[0] == "err 0\nlog0\nerr 1\nlog1\nerr 2\nlog2\n");
    fs::path found;
    for (fs::directory_iterator entry(chunk.work_dir().path()), end; entry != end; ++entry)
        if (entry->path().extension() == ".o") found = entry->path();
    const auto file = read_chunk_file_name(found.filename().native());
    REQUIRE(file);
    CHECK(file->attempt == chunk.info().attempt);
}

TEST_CASE("what tasks print before and after a crash is in one file") {
    ChunkOnDisk chunk(3);
    CHECK(chunk.attempt([](std::int64_t number) {
        std::fprintf(stderr, "err %d\n", static_cast<int>(number));
        if (number == 1) die_by(SIGSEGV);
        return number;
    }) == AttemptEnd::committed);
    REQUIRE(chunk.files(".e").size() == 1);
    CHECK(chunk.files(".e")[0] == "err 0\nerr 1\nerr 2\n");
}

TEST_CASE("tasks that print nothing leave no files for it") {
    ChunkOnDisk chunk(3);
    CHECK(chunk.attempt(&same) == AttemptEnd::committed);
    CHECK(chunk.files(".o").empty());
    CHECK(chunk.files(".e").empty());
}

TEST_CASE("an attempt that was killed keeps what its tasks have printed") {
    ChunkOnDisk chunk(1);
    CHECK(chunk.attempt([](std::int64_t) -> std::int64_t {
        std::fputs("last words\n", stderr);
        die_by(SIGKILL);
    }) == AttemptEnd::failed);
    CHECK(chunk.files(".e") == std::vector<std::string>{"last words\n"});
    CHECK(chunk.files(".o").empty());
}

TEST_CASE("a chunk that is missing or torn is told in an exit record") {
    ChunkOnDisk chunk(3);
    const fs::path path = chunk.work_dir().chunk(ChunkOnDisk::ichunk);
    std::size_t num_parts = 0;
    SECTION("missing") {
        fs::remove(path);
    }
    SECTION("torn") {
        fs::resize_file(path, fs::file_size(path) - 5);
        num_parts = 1;  // of the tasks before
    }
    SECTION("another one's") {
        write_file(path, std::string(100, 'x'));
    }
    CHECK(chunk.attempt(&same) == AttemptEnd::failed);
    REQUIRE(chunk.exit_records().size() == 1);
    CHECK(chunk.exit_records()[0].cause == qmr::Cause::worker_failure);
    CHECK_THAT(chunk.exit_records()[0].message, Catch::Contains(path.native()));
    CHECK_FALSE(chunk.has_results());
    CHECK(chunk.names(".part").size() == num_parts);
}

TEST_CASE("results that may not grow any further end the attempt and leave no result file") {
    ChunkOnDisk chunk(8000);
    {
        const FileSizeLimit limit(5'000'000);
        CHECK(chunk.attempt(&much) == AttemptEnd::failed);
    }
    REQUIRE(chunk.exit_records().size() == 1);
    CHECK(chunk.exit_records()[0].cause == qmr::Cause::worker_failure);
    CHECK(chunk.exit_records()[0].may_retry);
    CHECK_THAT(chunk.exit_records()[0].message, Catch::Contains(".part: File too large"));
    CHECK_FALSE(chunk.has_results());
    CHECK(chunk.exit_records()[0].num_records > 400);
    CHECK(chunk.num_in_part(chunk.name(".part")) == chunk.exit_records()[0].num_records);
}

TEST_CASE("a task is not blamed for results that can not be written or tasks that can not be read") {
    ChunkOnDisk chunk(1);
    SECTION("results") {
        CHECK(chunk.attempt([](ChunkRun& run) {
            while (run.next_task() != nullptr) {
                try {
                    throw WriteFailure("cannot write", ENOSPC);
                } catch (...) {
                    run.fail();
                }
            }
        }) == AttemptEnd::disk_full);
    }
    SECTION("tasks") {
        CHECK(chunk.attempt([](ChunkRun& run) {
            while (run.next_task() != nullptr) {
                try {
                    throw CorruptFile("torn");
                } catch (...) {
                    run.fail();
                }
            }
        }) == AttemptEnd::failed);
    }
    SECTION("tasks, just now") {
        CHECK(chunk.attempt([](ChunkRun& run) {
            while (run.next_task() != nullptr) {
                try {
                    throw ReadFailure("stale");
                } catch (...) {
                    run.fail();
                }
            }
        }) == AttemptEnd::failed);
    }
    REQUIRE(chunk.exit_records().size() == 1);
    CHECK(chunk.exit_records()[0].cause == qmr::Cause::worker_failure);
    CHECK_FALSE(chunk.has_results());
}

TEST_CASE("a full disk ends the attempt by a code of its own and leaves no result file") {
    const TemporaryDirectory directory;
    const SmallDisk disk(directory / "disk");
    if (!disk.is_mounted()) {
        WARN("no file system can be mounted here");
        return;
    }
    ChunkOnDisk chunk(directory / "disk", 8000);
    CHECK(chunk.attempt(&much) == AttemptEnd::disk_full);
    // There is room again without the part of the results that is torn.
    REQUIRE(chunk.exit_records().size() == 1);
    CHECK_THAT(chunk.exit_records()[0].message, Catch::Contains(".part: No space left on device"));
    CHECK_FALSE(chunk.has_results());
    CHECK(chunk.exit_records()[0].num_records > 20);
    CHECK(chunk.num_in_part(chunk.name(".part")) == chunk.exit_records()[0].num_records);
}

TEST_CASE("a disk that a task has filled ends the attempt by the same code") {
    const TemporaryDirectory directory;
    const SmallDisk disk(directory / "disk");
    if (!disk.is_mounted()) {
        WARN("no file system can be mounted here");
        return;
    }
    ChunkOnDisk chunk(directory / "disk", 2000);
    CHECK(chunk.attempt([](std::int64_t) -> std::int64_t {
        while (std::fputs("more and more and more and more and more and more and more and more", stderr) >=
               0) {
        }
        return 0;
    }) == AttemptEnd::disk_full);
    CHECK_FALSE(chunk.has_results());
}

TEST_CASE("an attempt that can not even write an exit record says so on stderr") {
    static fs::path path;
    ChunkOnDisk chunk(1);
    path = chunk.work_dir().path();
    const ErrorsToFile errors;
    CHECK(chunk.attempt([](std::int64_t number) {
        fs::remove_all(path);
        return number;
    }) == AttemptEnd::failed);
    CHECK_THAT(errors.text(), Catch::StartsWith("qmr worker: ") && Catch::Contains(path.native()));
}
