// Whom a work_dir is refused to.

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <thread>

#include "full_chain/resumed.hpp"

using namespace qmr;
using namespace qmr::test;

TEST_CASE("resume: two processes at once are one too many, and the second is told who is first") {
    const Site site = all_sites[GENERATE(0, 2)];
    const Resumed map(site, 100);
    InProcess first([&] { return map.is_right() ? 0 : 1; });
    while (!std::filesystem::exists(map.chain().work_dir() / "000000000.out"))
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    CHECK_THROWS_AS(map.is_right(), BadInput);
    CHECK_THROWS_WITH(map.is_right(), Catch::Contains("process " + std::to_string(first.pid()) + " on "));
    CHECK(first.exit_code() == 0);
}

TEST_CASE("resume: another map is refused by what is different, and stays as it was") {
    const Resumed map(all_sites[2], 0);
    REQUIRE(map.is_right());
    const Pool pool(map.options());
    const std::string where = "map: can not go on with the map in " + map.chain().work_dir().native() + ": ";
    CHECK_THROWS_WITH(pool.map(map.function(), numbers(29)),
                      where + "it has 30 tasks, and not 29; nothing was submitted");
    CHECK_THROWS_WITH(pool.map(map.function(), numbers(0)),
                      where + "it has 30 tasks, and not 0; nothing was submitted");
    auto others = numbers(30);
    others[7] = 70;
    CHECK_THROWS_WITH(pool.map(map.function(), others),
                      where + "its 30 tasks are other ones; nothing was submitted");
    CHECK_THROWS_WITH(pool.map(Recorded{"/elsewhere", 0}, numbers(30)),
                      where + "the data of its function object are other ones; nothing was submitted");
    CHECK_THROWS_WITH(pool.map(square, numbers(30)),
                      Catch::StartsWith(where + "its function is another one"));
    auto options = map.options();
    options.batch_system = "slurm";
    CHECK_THROWS_WITH(Pool(options).map(map.function(), numbers(30)),
                      Catch::StartsWith(where + "it was begun on local"));
    CHECK(map.is_right());
    CHECK(map.num_runs() == 30);
}

TEST_CASE("resume: an executable that was rebuilt is refused by its build-id") {
    const Resumed map(all_sites[2], 0);
    REQUIRE(map.is_right());
    const auto manifest = map.chain().work_dir() / "manifest.json";
    std::string text = text_of(manifest);
    const auto place = text.find("\"build_id\": \"") + 13;
    text[place] = text[place] == '0' ? '1' : '0';
    std::ofstream(manifest) << text;
    CHECK_THROWS_WITH(map.is_right(), Catch::Contains("the executable was rebuilt since"));
}

TEST_CASE("resume: a directory with files of somebody else is refused, and they stay") {
    const Resumed map(all_sites[2], 0);
    const auto thesis = map.chain().work_dir() / "thesis.tex";
    std::filesystem::create_directory(map.chain().work_dir());
    std::ofstream(thesis) << "all of it";
    CHECK_THROWS_WITH(map.is_right(), Catch::Contains("holds thesis.tex, which is of no map"));
    CHECK(text_of(thesis) == "all of it");
}

TEST_CASE("resume and work_dir together are refused") {
    const Chain chain;
    auto options = chain.options();
    options.resume = options.work_dir;
    CHECK_THROWS_AS(Pool(options).map(square, numbers(3)), BadInput);
}
