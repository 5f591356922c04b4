// What can not be done is refused in one line, before anything is submitted.

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <ranges>
#include <sstream>

#include "disk.hpp"
#include "full_chain/chain.hpp"

using namespace qmr;
using namespace qmr::test;
using Catch::Contains;

namespace {

struct Refused {
    TemporaryDirectory directory;
    PoolOptions options = local_options(directory.path().native());

    /// The refusal of a map with these options; nothing is left of it.
    std::string message_for(int num_tasks) const {
        const auto num_entries = directory.num_entries();
        std::string text;
        try {
            static_cast<void>(Pool(options).map(square, numbers(num_tasks)));
        } catch (const BadInput& refusal) {
            text = refusal.what();
        }
        CHECK(directory.num_entries() == num_entries);
        CHECK(text.find('\n') == std::string::npos);
        CHECK_THAT(text, Catch::EndsWith("nothing was submitted"));
        return text;
    }

    /// The same, which a map without tasks gets as well.
    std::string message() const {
        std::string text = message_for(3);
        CHECK(message_for(0) == text);
        return text;
    }
};

}  // namespace

TEST_CASE("options that make no sense are refused by name") {
    Refused map;
    SECTION("num_chunks 0") {
        map.options.num_chunks = 0;
        CHECK_THAT(map.message(), Contains("num_chunks is 0"));
    }
    SECTION("chunk_size 0") {
        map.options.chunk_size = 0;
        CHECK_THAT(map.message(), Contains("chunk_size is 0"));
    }
    SECTION("both num_chunks and chunk_size") {
        map.options.num_chunks = 2;
        map.options.chunk_size = 2;
        CHECK_THAT(map.message(), Contains("num_chunks and chunk_size"));
    }
    SECTION("polling intervals that are too long or none") {
        map.options.polling_interval = Seconds{5.1};
        CHECK_THAT(map.message(), Contains("polling_interval"));
        map.options.polling_interval = Seconds{0};
        CHECK_THAT(map.message(), Contains("polling_interval"));
    }
    SECTION("no queue job may run") {
        map.options.max_num_running = 0;
        CHECK_THAT(map.message(), Contains("max_num_running"));
    }
    SECTION("an unknown batch system") {
        map.options.batch_system = "condor";
        CHECK_THAT(map.message(), Contains("no batch system 'condor', only auto, local, sge"));
    }
    SECTION("no letter for the error state") {
        map.options.error_state_indicator = "";
        CHECK_THAT(map.message(), Contains("error_state_indicator"));
    }
}

TEST_CASE("a program of the batch system that is not there is named") {
    const Chain chain;
    Refused map;
    map.options = chain.options();
    SECTION("qsub") {
        map.options.qsub_path = "/no/such/qsub";
        CHECK_THAT(map.message(), Contains("qsub_path = '/no/such/qsub'"));
    }
    SECTION("qstat") {
        map.options.qstat_path = "no_such_qstat";
        CHECK_THAT(map.message(), Contains("qstat_path = 'no_such_qstat'"));
    }
    SECTION("qdel") {
        map.options.qdel_path = "/etc/passwd";
        CHECK_THAT(map.message(), Contains("qdel_path = '/etc/passwd'"));
    }
    SECTION("slots without a parallel environment") {
        map.options.resources.slots = 2;
        CHECK_THAT(map.message(), Contains("parallel_environment"));
    }
    SECTION("a comma in the work_dir, which Grid Engine can not carry") {
        map.options.work_dir = map.directory.path().native() + "/a,b";
        CHECK_THAT(map.message(), Contains("a,b") && Contains("comma"));
    }
    CHECK(chain.queue().state().num_qsub_calls == 0);
}

TEST_CASE("a work_dir that can not be used is refused") {
    Refused map;
    SECTION("not empty") {
        std::filesystem::create_directory(map.options.work_dir);
        std::ofstream(map.options.work_dir / "precious") << "data";
        CHECK_THAT(map.message_for(3), Contains("not empty"));
        CHECK(Pool(map.options).map(square, numbers(0)).empty());  // which puts nothing into it
        CHECK(text_of(map.options.work_dir / "precious") == "data");
    }
    SECTION("a file") {
        std::ofstream(map.options.work_dir) << "data";
        CHECK_THAT(map.message(), Contains("not a directory"));
    }
    SECTION("a symlink, even to an empty directory") {
        std::filesystem::create_directory(map.directory.path().native() + "/empty");
        std::filesystem::create_symlink("empty", map.options.work_dir);
        CHECK_THAT(map.message(), Contains("not a directory"));
    }
    SECTION("below a file") {
        map.options.work_dir = "/etc/passwd/work_dir";
        CHECK_THAT(map.message(), Contains("can not be made"));
    }
    SECTION("where nothing can be written") {
        // /proc refuses new files even to root.
        map.options.work_dir = "/proc/qmr/work_dir";
        CHECK_THAT(map.message_for(3), Contains("can not be made"));
    }
}

TEST_CASE("a range of unknown length without chunk_size is refused, also when it is empty") {
    const TemporaryDirectory directory;
    std::istringstream none;
    std::istringstream some("1 2");
    const Pool pool(local_options(directory.path().native()));
    for (std::istringstream* in : {&none, &some})
        CHECK_THROWS_WITH(pool.map(square, std::views::istream<std::int64_t>(*in)),
                          Contains("needs the option chunk_size"));
    CHECK(directory.num_entries() == 0);
}

TEST_CASE("no tasks make no work_dir, and ask no batch system") {
    Refused map;
    CHECK(Pool(map.options).map(square, numbers(0)).empty());
    map.options.work_dir = map.options.work_dir / "below" / "it";
    CHECK(Pool(map.options).map(square, numbers(0)).empty());
    CHECK(map.directory.num_entries() == 0);
    const Chain chain;
    CHECK(chain.pool().map(square, numbers(0)).empty());
    CHECK(chain.queue().state().num_qstat_calls == 0);
    CHECK_FALSE(std::filesystem::exists(chain.work_dir()));
}

TEST_CASE("a work_dir where no program can be started is refused") {
    const Disk disk(MS_NOEXEC, "size=1m");
    if (!disk) return;
    Refused map;
    map.options.work_dir = disk.path() + "/work_dir";
    CHECK_THAT(map.message(), Contains("noexec"));
    CHECK(std::filesystem::is_empty(disk.path()));
}

TEST_CASE("an empty work_dir that is there is taken, and is left empty and closed to others") {
    TemporaryDirectory directory;
    auto options = local_options(directory.path().native());
    options.keep_work_dir = false;
    std::filesystem::create_directory(options.work_dir);
    CHECK(Pool(options).map(square, numbers(3)) == squares(3));
    CHECK(std::filesystem::is_empty(options.work_dir));
}

TEST_CASE("hostile work_dirs work") {
    TemporaryDirectory directory;
    for (const char* name :
         {"a 0", "a'; echo", "a\"=0\"", "a\nb", "\xff\xfe", "$HOME", "-n", "a,b", "*", "a:b"}) {
        auto options = local_options(directory.path().native());
        options.work_dir = directory.path().native() + "/" + name;
        INFO(name);
        CHECK(Pool(options).map(square, numbers(2)) == squares(2));
    }
}

TEST_CASE("chain: hostile work_dirs work, or are refused by name") {
    for (const char* name : {"a 0", "a'; echo", "a\"=0\"", "\xff\xfe", "-n", "*", "a:b"}) {
        const Chain chain;
        auto options = chain.options();
        options.work_dir = chain.directory() / name;
        INFO(name);
        CHECK(Pool(options).map(square, numbers(2)) == squares(2));
    }
    for (const char* name : {"a,b", "a\nb", "$HOME"}) {
        const Chain chain;
        auto options = chain.options();
        options.work_dir = chain.directory() / name;
        CHECK_THROWS_WITH(Pool(options).map(square, numbers(2)), Contains(name));
    }
}

TEST_CASE("a disk that is full while chunks are written is told, and nothing is submitted") {
    const Disk disk(0, "size=1m");
    if (!disk) return;
    const auto options = local_options(disk.path());
    const std::vector<std::vector<char>> tasks(1, std::vector<char>(3'000'000));
    CHECK_THROWS_WITH(Pool(options).map([](const std::vector<char>& x) { return x.size(); }, tasks),
                      Contains("No space left on device"));
    CHECK_FALSE(std::filesystem::exists(options.work_dir));
}

TEST_CASE("a disk that is full while a result is written is told, and other results arrive") {
    const Disk disk(0, "size=2m");
    if (!disk) return;
    auto options = local_options(disk.path());
    options.max_num_resubmissions = 1;
    options.max_num_running = 1;  // else the others may find the disk full, too
    const auto make = [](int size) { return std::vector<char>(static_cast<std::size_t>(size)); };
    const auto results = Pool(options).try_map(make, std::vector{10, 9'000'000, 20});
    CHECK(results[0]->size() == 10);
    CHECK(results[2]->size() == 20);
    CHECK(results[1].error().cause == Cause::worker_failure);
    CHECK_THAT(results[1].error().message, Contains("No space left on device"));
}

TEST_CASE("a disk that stays full ends the map with an error that says so, and what was computed is kept") {
    const Disk disk(0, "size=2m");
    if (!disk) return;
    auto options = local_options(disk.path());
    options.max_num_running = 1;
    const std::string filler = disk.path() + "/filler";
    const auto fill = [](int x, const std::string& path) {
        if (x == 1) {
            std::ofstream file(path);
            while (file) file << std::string(1000, 'x') << std::flush;
        }
        return x;
    };
    CHECK_THROWS_WITH(Pool(options).map(fill, std::vector{0, 1, 2}, std::vector(3, filler)),
                      Contains("No space left on device") && Contains(options.work_dir.native()));
    CHECK(std::filesystem::exists(options.work_dir / "000000000.out"));
}
