#include "pool/found_maps.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <random>

#include "temporary_directory.hpp"

using namespace qmr::detail;
using qmr::test::TemporaryDirectory;

namespace {

FoundMap map(const std::string& name, std::optional<std::uint64_t> position, std::uint64_t tasks_hash,
             std::uint64_t turn = 0) {
    FoundMap found{name, {}};
    found.manifest.session_id = name;
    found.manifest.function_build_id = "b";
    found.manifest.function_offset = 1;
    found.manifest.num_tasks = 10;
    found.manifest.num_chunks = 5;
    found.manifest.tasks_hash = tasks_hash;
    found.manifest.turn = turn;
    found.manifest.position = position;
    return found;
}

const MapSketch sketch{"b", 1, 10};

std::string name_of(const std::optional<FoundMap>& map) {
    return map ? map->work_dir.native() : "none";
}

}  // namespace

TEST_CASE("found maps: they are guessed in the order in which they were begun") {
    FoundMaps maps({map("d", {}, 4), map("c", 2, 3), map("b", 0, 2), map("a", {}, 1)});
    for (const char* expected : {"b", "c", "a", "d"}) {
        CHECK(name_of(maps.guess(sketch)) == expected);
        maps.take(expected);
    }
    CHECK(name_of(maps.guess(sketch)) == "none");
    CHECK(maps.left().empty());
}

TEST_CASE("found maps: another function, or another number of tasks, is never guessed") {
    FoundMap unknown_number = map("u", 1, 2);
    unknown_number.manifest.chunk_size = 2;
    const FoundMaps maps({map("a", 0, 1), unknown_number});
    CHECK(name_of(maps.guess({"other", 1, 10})) == "none");
    CHECK(name_of(maps.guess({"b", 2, 10})) == "none");
    CHECK(name_of(maps.guess({"b", 1, 11})) == "none");
    CHECK(name_of(maps.guess({"b", 1, {}})) == "u");
}

TEST_CASE(
    "found maps: of maps that are the same, each turn has its own, and what differs in anything is another") {
    const FoundMaps maps(
        {map("first", 0, 7, 0), map("second", 1, 7, 1), map("again", 0, 7, 0), map("other", 2, 8, 0)});
    const MapIdentity same = identity_of(map("", {}, 7).manifest);
    const auto firsts = maps.all_of(same, 0);
    REQUIRE(firsts.size() == 2);
    CHECK(firsts[0].work_dir == "again");
    CHECK(firsts[1].work_dir == "first");
    REQUIRE(maps.all_of(same, 1).size() == 1);
    CHECK(maps.all_of(same, 1)[0].work_dir == "second");
    CHECK(maps.all_of(same, 2).empty());
    for (auto change :
         {+[](MapIdentity& one) { one.function_build_id = "c"; },
          +[](MapIdentity& one) { ++one.function_offset; }, +[](MapIdentity& one) { ++one.function_hash; },
          +[](MapIdentity& one) { ++one.num_tasks; }, +[](MapIdentity& one) { ++one.num_chunks; },
          +[](MapIdentity& one) { ++one.chunk_size; }, +[](MapIdentity& one) { --one.tasks_hash; }}) {
        MapIdentity other = same;
        change(other);
        CHECK(maps.all_of(other, 0).empty());
    }
}

TEST_CASE(
    "found maps: a directory with work_dirs is a work_root, whatever else is in it, and a work_dir is none") {
    const TemporaryDirectory directory;
    CHECK_FALSE(is_work_root(directory / "nowhere"));
    CHECK_FALSE(is_work_root(directory.path()));
    fs::create_directory(directory / "thesis");
    CHECK_FALSE(is_work_root(directory.path()));
    fs::create_directory(directory / ".qmr_1");
    CHECK(is_work_root(directory.path()));
    fs::create_directory(directory / "claims");
    CHECK_FALSE(is_work_root(directory.path()));
    CHECK(find_maps(directory.path()).empty());
    CHECK(find_maps(directory / "nowhere").empty());
}

namespace {

/// A program whose maps, some of them the same, are in an order that threads may change, with a work_root
/// that other runs have used. It is killed and started again until it comes to its end.
class Lives {
  public:
    explicit Lives(unsigned seed) : random_(seed) {
        for (std::size_t i = 0, num = pick(1, 8); i < num; ++i) program_.push_back(pick(1, 3));
        is_threaded_ = pick(0, 1) == 1;
    }

    void play() {
        leave_old_maps();
        while (!live()) {
        }
    }

    std::size_t num_repeated = 0;  ///< that were complete
    std::size_t num_wrong = 0;     ///< that had the results of another one
    std::size_t num_lives = 0;

  private:
    struct Stored {
        FoundMap map;
        bool is_complete = false;
        std::pair<std::uint64_t, std::size_t> result;  ///< of this identity and turn
    };

    std::size_t pick(std::size_t first, std::size_t last) {
        return std::uniform_int_distribution<std::size_t>(first, last)(random_);
    }

    // As a program leaves them whose user did not ask to go on, or another one with the same maps.
    void leave_old_maps() {
        for (std::size_t i = 0, num = pick(0, 4); i < num; ++i) {
            const std::uint64_t tasks = pick(1, 4);
            const std::size_t turn = pick(0, 1);
            begin(tasks, turn, pick(0, 3)).is_complete = pick(0, 1) == 1;
        }
    }

    Stored& begin(std::uint64_t tasks, std::size_t turn, std::optional<std::uint64_t> position) {
        return root_.emplace_back(
            Stored{map("m" + std::to_string(root_.size()), position, tasks, turn), false, {tasks, turn}});
    }

    // True: it came to its end.
    bool live() {
        ++num_lives;
        std::vector<FoundMap> all;
        for (const Stored& stored : root_) all.push_back(stored.map);
        FoundMaps found(std::move(all));
        std::vector<std::uint64_t> maps = program_;
        if (is_threaded_) std::ranges::shuffle(maps, random_);
        std::map<std::uint64_t, std::size_t> turns;
        std::size_t position = 0;
        for (const std::uint64_t tasks : maps) {
            if (num_lives < 6 && pick(0, 4) == 0) return false;
            Stored& stored = find(found, tasks, turns[tasks]++, position++);
            if (num_lives < 6 && pick(0, 4) == 0) return false;
            stored.is_complete = true;
        }
        return true;
    }

    Stored& find(FoundMaps& found, std::uint64_t tasks, std::size_t turn, std::size_t position) {
        static_cast<void>(found.guess(sketch));
        auto same = found.all_of(identity_of(map("", {}, tasks).manifest), turn);
        const auto is_complete = [this](const FoundMap& one) { return stored(one).is_complete; };
        const bool was_complete = std::ranges::any_of(root_, [&](const Stored& one) {
            return one.is_complete && one.result == std::pair(tasks, turn);
        });
        if (same.empty()) {
            if (was_complete) ++num_repeated;
            return begin(tasks, turn, is_threaded_ ? std::nullopt : std::optional<std::uint64_t>(position));
        }
        const auto best = std::ranges::find_if(same, is_complete);
        Stored& chosen = stored(best == same.end() ? same.front() : *best);
        found.take(chosen.map.work_dir);
        if (chosen.result != std::pair(tasks, turn)) ++num_wrong;
        if (was_complete && !chosen.is_complete) ++num_repeated;
        return chosen;
    }

    Stored& stored(const FoundMap& found) {
        return *std::ranges::find_if(root_,
                                     [&](const Stored& one) { return one.map.work_dir == found.work_dir; });
    }

    std::mt19937 random_;
    std::vector<std::uint64_t> program_;
    bool is_threaded_ = false;
    std::deque<Stored> root_;
};

}  // namespace

TEST_CASE(
    "found maps: in any history of kills, each map gets its own results, and none that is complete is "
    "repeated") {
    std::size_t num_lives = 0;
    for (unsigned seed = 0; seed < 5000; ++seed) {
        Lives lives(seed);
        lives.play();
        CAPTURE(seed);
        REQUIRE(lives.num_wrong == 0);
        REQUIRE(lives.num_repeated == 0);
        num_lives += lives.num_lives;
    }
    CHECK(num_lives > 10'000);
}
