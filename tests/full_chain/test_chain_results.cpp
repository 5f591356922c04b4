// What can be mapped, and that it comes back as from a loop.

#include <catch2/catch.hpp>
#include <complex>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <sstream>

#include "full_chain/chain.hpp"
#include "full_chain/functions.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

struct Particle {
    std::string name;
    std::vector<double> track;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(name, track);
    }
    bool operator==(const Particle&) const = default;
};

Particle decay(const Particle& particle) {
    return {particle.name + "*", {static_cast<double>(particle.track.size()) + 0.5}};
}

struct Scale {
    double factor = 1;
    std::map<std::string, double> offsets;

    double operator()(double x) const { return factor * x + offsets.at("zero"); }
    template <class Archive>
    void serialize(Archive& archive) {
        archive(factor, offsets);
    }
};

struct CountsCalls {
    int num_calls = 0;
    int operator()(int) { return ++num_calls; }
    template <class Archive>
    void serialize(Archive& archive) {
        archive(num_calls);
    }
};

class LocalPool {
  public:
    LocalPool() : pool_(local_options(directory_.path().native())) {}
    Pool* operator->() { return &pool_; }
    Pool with(std::size_t num_chunks) {
        auto options = pool_.options();
        options.num_chunks = num_chunks;
        return Pool(options);
    }

  private:
    TemporaryDirectory directory_;
    Pool pool_;
};

}  // namespace

TEST_CASE("a free function") {
    LocalPool pool;
    CHECK(pool->map(square, numbers(100)) == squares(100));
}

TEST_CASE("a lambda that captures nothing") {
    LocalPool pool;
    CHECK(pool->map([](int x) { return 0.5 * x; }, std::vector{1, 2}) == std::vector{0.5, 1.0});
}

TEST_CASE("a function object with its data") {
    LocalPool pool;
    const Scale scale{2, {{"zero", 10}}};
    CHECK(pool->map(scale, std::vector{1.0, 2.0}) == std::vector{12.0, 14.0});
}

TEST_CASE("a function object of the standard library") {
    LocalPool pool;
    CHECK(pool->map(std::plus<>(), std::vector{1, 2}, std::vector{10, 20}) == std::vector{11, 22});
}

TEST_CASE("a function object is one object for a chunk, as in a loop") {
    LocalPool pool;
    CHECK(pool.with(1).map(CountsCalls{5}, std::vector{0, 0, 0}) == std::vector{6, 7, 8});
}

TEST_CASE("two free functions of one type are told apart") {
    TemporaryDirectory directory;
    auto options = local_options(directory.path().native());
    options.keep_work_dir = false;
    const Pool pool(options);
    CHECK(pool.map(times_two, std::vector{1.0, 2.0}) == std::vector{2.0, 4.0});
    CHECK(pool.map(times_three, std::vector{1.0, 2.0}) == std::vector{3.0, 6.0});
}

TEST_CASE("lambdas of one name in two files, also in a static library, are told apart") {
    TemporaryDirectory directory;
    auto options = local_options(directory.path().native());
    options.keep_work_dir = false;
    CHECK(map_by_lambda_of_first_file(options, {1, 2}) == std::vector{2, 3});
    CHECK(map_by_lambda_of_second_file(options, {1, 2}) == std::vector{101, 102});
    CHECK(map_by_lambda_of_library(options, {1, 2}) == std::vector{1001, 1002});
    CHECK(map_by_function_of_library(options, {1, 2}) == std::vector{-1, -2});
}

TEST_CASE("tasks and results of the user's own types") {
    LocalPool pool;
    const std::vector<Particle> tasks{{"mu", {1, 2, 3}}, {"", {}}, {"tau", {1}}};
    const std::vector<Particle> expected{{"mu*", {3.5}}, {"*", {0.5}}, {"tau*", {1.5}}};
    CHECK(pool->map(decay, tasks) == expected);
}

TEST_CASE("types of the standard library, nested, without further includes") {
    LocalPool pool;
    using Task = std::pair<std::map<std::string, std::vector<int>>, std::optional<std::complex<double>>>;
    const std::vector<Task> tasks{{{{"a", {1, 2}}}, std::nullopt}, {{}, std::complex<double>{1, 2}}};
    CHECK(pool->map([](const Task& task) { return task; }, tasks) == tasks);
}

TEST_CASE("move-only results") {
    LocalPool pool;
    const auto results = pool->map([](int x) { return std::make_unique<int>(x + 1); }, std::vector{1, 2});
    REQUIRE(results.size() == 2);
    CHECK(*results[0] == 2);
    CHECK(*results[1] == 3);
}

TEST_CASE("tasks that f takes by value or moves from") {
    LocalPool pool;
    CHECK(pool->map([](std::string&& text) { return std::move(text) + "!"; },
                    std::vector<std::string>{"a"}) == std::vector<std::string>{"a!"});
}

TEST_CASE("results that are bool") {
    LocalPool pool;
    CHECK(pool->map([](int x) { return x % 2 == 0; }, std::vector{1, 2, 4}) ==
          std::vector{false, true, true});
    CHECK(LocalPool()->try_map([](bool x) { return !x; }, std::vector{true, false}).at(1).value());
}

TEST_CASE("no results: f that gives nothing") {
    LocalPool pool;
    static_assert(std::is_void_v<decltype(pool->map([](int) {}, std::vector{1}))>);
    pool->map([](int) {}, std::vector{1, 2});
    const auto results = pool.with(2).try_map([](int) {}, std::vector<int>{});
    CHECK(results.empty());
}

TEST_CASE("empty results are results") {
    LocalPool pool;
    CHECK(pool->map([](int) { return std::string(); }, std::vector{1, 2}) ==
          std::vector<std::string>{"", ""});
}

TEST_CASE("empty ranges give empty results, and touch nothing") {
    TemporaryDirectory directory;
    const Pool pool(local_options(directory.path().native()));
    CHECK(pool.map(square, std::vector<std::int64_t>{}).empty());
    CHECK(pool.map(square, std::views::iota(std::int64_t{0}, std::int64_t{0})).empty());
    CHECK(directory.num_entries() == 0);
}

TEST_CASE("several ranges are zipped, one of them endless") {
    LocalPool pool;
    const auto text = [](int i, const std::string& word, double x) {
        return word + std::to_string(i) + (x > 0 ? "+" : "-");
    };
    CHECK(pool->map(text, std::views::iota(0), std::vector<std::string>{"a", "b"}, std::list{1.0, -1.0}) ==
          std::vector<std::string>{"a0+", "b1-"});
}

TEST_CASE("ranges of different lengths are refused before anything is submitted") {
    TemporaryDirectory directory;
    const Pool pool(local_options(directory.path().native()));
    CHECK_THROWS_AS(pool.map(std::plus<>(), std::vector{1, 2}, std::vector{1}), BadInput);
    CHECK_THROWS_AS(pool.map(std::plus<>(), std::vector<int>{}, std::vector{1}), BadInput);
    CHECK(directory.num_entries() == 0);
}

TEST_CASE("tasks that are tuples are unpacked, unless f takes the tuple itself") {
    LocalPool pool;
    const std::vector<std::tuple<int, std::string>> tasks{{2, "ab"}, {3, "c"}};
    const auto repeat = [](int times, const std::string& text) {
        std::string all;
        for (int i = 0; i < times; ++i) all += text;
        return all;
    };
    CHECK(pool->map(repeat, tasks) == std::vector<std::string>{"abab", "ccc"});
    LocalPool other;
    CHECK(other->map([](const std::tuple<int, std::string>& task) { return std::get<0>(task); }, tasks) ==
          std::vector{2, 3});
}

TEST_CASE("ranges that are no vectors: a list, a view, an array") {
    const auto negative = [](int x) { return -x; };
    const std::vector expected{-1, -2, -3};
    CHECK(LocalPool()->map(negative, std::list{1, 2, 3}) == expected);
    CHECK(LocalPool()->map(negative, std::views::iota(1, 4)) == expected);
    CHECK(LocalPool()->map(negative, std::vector{1, 10, 2, 3} |
                                         std::views::filter([](int x) { return x < 5; })) == expected);
    const int array[] = {1, 2, 3};
    CHECK(LocalPool()->map(negative, array) == expected);
    CHECK(LocalPool()->map([](bool x) { return x ? -1 : 0; }, std::vector{true, false}) ==
          std::vector{-1, 0});
}

TEST_CASE("an input range of unknown length needs a chunk size, and has one chunk for each so many tasks") {
    TemporaryDirectory directory;
    auto options = local_options(directory.path().native());
    std::istringstream first("1 2 3 4 5");
    CHECK_THROWS_WITH(Pool(options).map([](int x) { return x; }, std::views::istream<int>(first)),
                      Catch::Contains("chunk_size"));
    options.chunk_size = 2;
    std::istringstream second("1 2 3 4 5");
    CHECK(Pool(options).map([](int x) { return x * 10; }, std::views::istream<int>(second)) ==
          std::vector{10, 20, 30, 40, 50});
    CHECK(std::filesystem::exists(options.work_dir / "000000002.out"));
    CHECK_FALSE(std::filesystem::exists(options.work_dir / "000000003.out"));
}

TEST_CASE(
    "results come in the order of the tasks, however they are cut, and as many chunks as asked for exist") {
    for (const std::size_t num_chunks : {1U, 2U, 7U, 30U, 99U, 100U, 1000U}) {
        TemporaryDirectory directory;
        auto options = local_options(directory.path().native());
        options.num_chunks = num_chunks;
        CHECK(Pool(options).map(square, numbers(100)) == squares(100));
        const std::size_t expected = std::min<std::size_t>(num_chunks, 100);
        std::size_t num_files = 0;
        for (const auto& entry : std::filesystem::directory_iterator(options.work_dir))
            num_files += entry.path().extension() == ".chunk" ? 1U : 0U;
        CHECK(num_files == expected);
    }
}

TEST_CASE("large payloads, larger than any buffer") {
    LocalPool pool;
    std::vector<std::vector<char>> tasks(3, std::vector<char>(3'000'000));
    for (std::size_t i = 0; i < tasks.size(); ++i)
        for (std::size_t k = 0; k < tasks[i].size(); ++k) tasks[i][k] = static_cast<char>(i * 31 + k * 7);
    CHECK((pool->map([](std::vector<char> bytes) { return bytes; }, tasks) == tasks));
}
