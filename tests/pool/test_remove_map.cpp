#include <catch2/catch.hpp>
#include <csignal>
#include <qmr/map_status.hpp>
#include <qmr/remove_map.hpp>

#include "full_chain/resumed.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

std::string refusal(const std::filesystem::path& work_dir, Remove which) {
    try {
        static_cast<void>(remove_map(work_dir, which));
    } catch (const BadInput& bad) {
        return bad.what();
    }
    return "not refused";
}

std::size_t num_entries(const std::filesystem::path& path) {
    std::size_t number = 0;
    for (auto entry = std::filesystem::recursive_directory_iterator(path);
         entry != std::filesystem::recursive_directory_iterator(); ++entry)
        ++number;
    return number;
}

std::int64_t throws(std::int64_t) {
    throw std::runtime_error("no");
}

}  // namespace

TEST_CASE("a map that is complete is removed, with all of its files, and nothing beside it") {
    for (const Site& site : all_sites) {
        INFO(site.name);
        const Resumed map(site, 0);
        REQUIRE(map.is_right());
        const auto work_dir = map.chain().work_dir();
        const std::size_t num_beside = num_entries(map.chain().directory()) - num_entries(work_dir);
        const RemovedMap removed = remove_map(work_dir / "", Remove::complete);
        CHECK(removed.num_files > 20);
        CHECK(removed.num_bytes > 1000);
        CHECK_FALSE(std::filesystem::exists(work_dir));
        CHECK(num_entries(map.chain().directory()) == num_beside - 1);
    }
}

TEST_CASE("a map with failures is removed only when any map may be") {
    const Chain chain;
    static_cast<void>(chain.pool().try_map(throws, numbers(3)));
    CHECK_THAT(refusal(chain.work_dir(), Remove::complete), Catch::Contains("3 of its 3 tasks failed"));
    CHECK(std::filesystem::exists(chain.work_dir() / "000000000.out"));
    CHECK(remove_map(chain.work_dir(), Remove::any).num_files > 0);
    CHECK_FALSE(std::filesystem::exists(chain.work_dir()));
}

TEST_CASE("a map that a process works on is never removed, and one that is left alone only when any may be") {
    const Resumed map(all_sites[3], 20);
    const auto work_dir = map.chain().work_dir();
    InProcess caller([&] { return map.is_right() ? 0 : 1; });
    while (!std::filesystem::exists(work_dir / "000000000.out"))
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    for (const Remove which : {Remove::complete, Remove::any})
        CHECK_THAT(refusal(work_dir, which),
                   Catch::Contains("process " + std::to_string(caller.pid()) + " on ") &&
                       Catch::Contains("works on the map"));
    ::kill(caller.pid(), SIGKILL);
    CHECK(caller.ended_by() == SIGKILL);
    CHECK_THAT(refusal(work_dir, Remove::complete), Catch::Contains("did not come to its end"));
    CHECK(map.is_right());
    CHECK(remove_map(work_dir, Remove::complete).num_files > 0);
}

TEST_CASE("what is in a work_dir and of no map keeps it from being removed") {
    const Chain chain;
    CHECK(chain.pool().map(square, numbers(3)) == squares(3));
    const auto work_dir = chain.work_dir();
    const std::size_t number = num_entries(work_dir);
    const std::string name = GENERATE("notes.txt", "2024.csv", "queue_jobs/directory", "000000000.o");
    if (name == "queue_jobs/directory")
        std::filesystem::create_directory(work_dir / name);
    else if (name == "000000000.o")
        std::filesystem::create_symlink("/etc/passwd", work_dir / name);
    else
        std::ofstream(work_dir / name) << "mine";
    CHECK_THAT(refusal(work_dir, Remove::any), Catch::Contains("holds " + name));
    CHECK(num_entries(work_dir) == number + 1);
}

TEST_CASE("no directory but a work_dir is removed, and nothing that a symbolic link leads to") {
    const TemporaryDirectory directory;
    const std::filesystem::path path = directory.path().native();
    CHECK_THAT(refusal(path, Remove::any), Catch::Contains("is no work_dir"));
    CHECK(std::filesystem::exists(path));
    const Chain chain;
    CHECK(chain.pool().map(square, numbers(3)) == squares(3));
    std::filesystem::create_directory_symlink(chain.work_dir(), path / "link");
    CHECK_THAT(refusal(path / "link", Remove::any), Catch::Contains("is a symbolic link"));
    CHECK_THAT(refusal(path / "link" / "", Remove::any), Catch::Contains("is a symbolic link"));
    CHECK(std::filesystem::exists(chain.work_dir() / "manifest.json"));
}

TEST_CASE("a directory in a work_dir that is a symbolic link is not entered") {
    const Chain chain;
    CHECK(chain.pool().map(square, numbers(3)) == squares(3));
    const TemporaryDirectory elsewhere;
    std::ofstream((elsewhere / "precious").native()) << "x";
    std::filesystem::remove_all(chain.work_dir() / "claims");
    std::filesystem::create_directory_symlink(elsewhere.path().native(), chain.work_dir() / "claims");
    CHECK_THAT(refusal(chain.work_dir(), Remove::any), Catch::Contains("symbolic link"));
    CHECK(elsewhere.num_entries() == 1);
}
