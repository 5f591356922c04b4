// More of what there was too little of, a second queue job for the last chunk, and few for a wrong set-up.

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <ranges>
#include <thread>

#include "real_queues/cluster.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

namespace stdfs = std::filesystem;
using std::chrono::milliseconds;

std::int64_t square_slowly(std::int64_t x) {
    std::this_thread::sleep_for(std::chrono::seconds(5));
    return x * x;
}

// The last of six is stuck when it is run for the first time.
std::int64_t square_or_get_stuck(std::int64_t x, const std::string& directory) {
    std::this_thread::sleep_for(milliseconds(200));
    const stdfs::path mark = stdfs::path(directory) / "stuck";
    if (x == 5 && !stdfs::exists(mark)) {
        std::ofstream(mark) << x;
        while (stdfs::exists(directory)) std::this_thread::sleep_for(milliseconds(100));
    }
    return x * x;
}

std::size_t num_files(const stdfs::path& directory) {
    const auto entries = stdfs::directory_iterator(directory);
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

}  // namespace

// Slurm counts walltimes in minutes.
TEST_CASE("real: a chunk that needs a longer walltime gets it", "[sge]") {
    const UserDirectory directory;
    const auto jobs = GENERATE(Jobs::one_per_chunk, Jobs::pull);
    check_as_user(directory, [&] {
        auto options = directory.options(jobs);
        options.resources.walltime = std::chrono::seconds(3);
        options.resources.walltime_factor = 5;
        return not_squares(Pool(options).map(square_slowly, numbers(2)), 2);
    });
    CHECK(directory.num_events({"\"submit\"", "\"walltime\":15"}) >= 1);
    CHECK(directory.num_events({"\"resubmit\"", "again with a walltime of 15 s"}) >= 1);
}

TEST_CASE("real: the last chunk is computed once more when it takes far longer than the others") {
    const UserDirectory directory;
    const auto jobs = GENERATE(Jobs::one_per_chunk, Jobs::pull);
    check_as_user(directory, [&] {
        auto options = directory.options(jobs);
        options.num_chunks = 6;
        options.backup_factor = 5;
        const std::vector<std::string> where(6, directory.path().native());
        return not_squares(Pool(options).map(square_or_get_stuck, numbers(6), where), 6);
    });
    CHECK(directory.num_events({"\"delete\""}) >= 1);
    // The one that is stuck; on a busy machine another may take as long.
    CHECK_THAT(directory.text("work_dir/log.jsonl"),
               Catch::Contains("of the last chunks take") &&
                   Catch::Contains("more than 5 times as long as the median"));
}

TEST_CASE("real: workers that can not begin cost a few queue jobs, not one for each chunk") {
    const UserDirectory directory;
    const auto jobs = GENERATE(Jobs::one_per_chunk, Jobs::pull);
    check_as_user(directory, [&] {
        auto options = directory.options(jobs);
        options.num_chunks = 1000;
        const stdfs::path gone = directory / "gone";
        stdfs::create_directory(gone);
        stdfs::current_path(gone);
        auto tasks = numbers(1000) | std::views::transform([&](std::int64_t x) {
                         stdfs::current_path(directory.path());
                         stdfs::remove(gone);
                         return x;
                     });
        for (const auto& result : Pool(options).try_map(square, tasks)) {
            if (result) return std::string("there is a result");
            if (result.error().message.find("can't cd to " + gone.native()) == std::string::npos)
                return "the reason is " + result.error().message;
        }
        return std::string();
    });
    // What ran until it was noticed, which takes the longer the more else the machine has to do, and three
    // one by one.
    CHECK(num_files(directory.work_dir() / "queue_jobs") <= 200);
    CHECK_THAT(directory.text("work_dir/log.jsonl"), Catch::Contains("5 queue jobs ended the same way"));
}
