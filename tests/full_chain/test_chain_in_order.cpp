// Outcomes that are handed out one by one, in the order of the tasks, while the map goes on.

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "full_chain/resumed.hpp"
#include "wait_until.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

/// Throws for odd ones.
std::int64_t square_of_even(std::int64_t x) {
    if (x % 2 != 0) throw std::runtime_error("odd");
    return x * x;
}

void wait_for(const std::string& file) {
    wait_until([&] { return std::filesystem::exists(file); });
}

/// The last task waits until somebody has seen the outcome of the first one.
struct LastWaits {
    std::string file;
    std::int64_t last = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(file, last);
    }

    std::int64_t operator()(std::int64_t x) const {
        if (x == last) wait_for(file);
        return x * x;
    }
};

/// Notes that it runs.
struct Noted {
    std::string file;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(file);
    }

    std::int64_t operator()(std::int64_t x) const {
        std::ofstream(file, std::ios::app) << x << ' ';
        return x;
    }
};

/// Tells that it begins, and waits until the outcome of the task `lead` before it was seen.
struct Begins {
    std::string directory;
    std::int64_t lead = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(directory, lead);
    }

    std::int64_t operator()(std::int64_t x) const {
        std::ofstream(directory + "/begun_" + std::to_string(x)) << x;
        if (x >= lead) wait_for(directory + "/seen_" + std::to_string(x - lead));
        return x;
    }
};

struct Seen {
    std::vector<std::size_t> itasks;
    std::vector<std::int64_t> values;
    std::vector<TaskFailure> failures;

    void operator()(std::size_t itask, Result<std::int64_t> outcome) {
        itasks.push_back(itask);
        if (outcome)
            values.push_back(*outcome);
        else
            failures.push_back(outcome.error());
    }
};

std::vector<std::size_t> indices(std::size_t count) {
    std::vector<std::size_t> all(count);
    for (std::size_t i = 0; i < count; ++i) all[i] = i;
    return all;
}

PoolOptions options_of(const Site& site, const Chain& chain) {
    PoolOptions options = site.is_local ? local_options(chain.directory()) : chain.options(site.jobs);
    options.jobs = site.jobs;
    options.num_chunks = 5;
    return options;
}

}  // namespace

TEST_CASE("in order: outcomes come in the order of the tasks, the failed ones in their places") {
    const Site& site = all_sites[GENERATE(0, 1, 2, 3)];
    INFO(site.name);
    const Chain chain;
    Seen seen;
    Pool(options_of(site, chain)).for_each_result(square_of_even, numbers(20), std::ref(seen));
    CHECK(seen.itasks == indices(20));
    CHECK(seen.values.size() == 10);
    CHECK(seen.values[9] == 18 * 18);
    REQUIRE(seen.failures.size() == 10);
    CHECK(seen.failures[3].itask == 7);
    CHECK_THAT(seen.failures[3].message, Catch::Contains("odd"));
    CHECK(seen.failures[3].num_attempts == 1);
}

TEST_CASE("in order: an outcome is handed out while later tasks still run") {
    const Site& site = all_sites[GENERATE(2, 3)];
    INFO(site.name);
    const Chain chain;
    const std::string file = (chain.directory() / "seen").native();
    std::size_t num_seen = 0;
    Pool(options_of(site, chain))
        .for_each_result(LastWaits{file, 19}, numbers(20), [&](std::size_t, Result<std::int64_t> outcome) {
            CHECK(outcome.has_value());
            if (num_seen++ == 0) std::ofstream(file) << "seen";
        });
    CHECK(num_seen == 20);
}

TEST_CASE("in order: queue jobs do not run far ahead of the outcomes that are handed out") {
    const Chain chain;
    auto options = local_options(chain.directory());
    options.jobs = Jobs::pull;
    options.polling_interval = Seconds{0.01};
    options.max_num_running = 2;
    options.chunk_size = 1;
    constexpr std::int64_t num_tasks = 100;
    constexpr std::int64_t lead = 8;
    const std::string directory = chain.directory().native();
    std::int64_t num_seen = 0;
    std::int64_t most_ahead = 0;
    Pool(options).for_each_result(
        Begins{directory, lead}, numbers(num_tasks), [&](std::size_t itask, Result<std::int64_t> outcome) {
            CHECK(outcome.has_value());
            std::ofstream(directory + "/seen_" + std::to_string(itask)) << itask;
            ++num_seen;
            for (std::int64_t x = num_seen; x < num_tasks; ++x)
                if (std::filesystem::exists(directory + "/begun_" + std::to_string(x)))
                    most_ahead = std::max(most_ahead, x - num_seen);
        });
    CHECK(num_seen == num_tasks);
    // Of two that want the same chunk at the same time, one may take a somewhat higher one.
    CHECK(most_ahead <= 2 * lead);
}

TEST_CASE("in order: the chunks are computed from the first to the last, unless all are wanted at the end") {
    const Chain chain;
    const std::string file = (chain.directory() / "ran").native();
    auto options = chain.options(Jobs::pull);
    options.max_num_running = 2;
    options.chunk_size = 1;
    const Noted function{file};
    const auto take = [](std::size_t, Result<std::int64_t>) {};
    std::string ascending;
    for (const std::int64_t x : numbers(20)) ascending += std::to_string(x) + ' ';
    SECTION("in order") {
        Pool(options).for_each_result(function, numbers(20), take);
        CHECK(text_of(file) == ascending);
    }
    SECTION("at the end") {
        CHECK(Pool(options).map(function, numbers(20)) == numbers(20));
        CHECK_THAT(text_of(file), Catch::StartsWith("0 1 2 3 4 5 6 7 8 9 15 "));
    }
    SECTION("in order, of a map that is there") {
        const auto work_dir = Pool(options).submit(function, numbers(20));
        REQUIRE(text_of(file).empty());
        ExistingMap map(work_dir);
        map.options().progress = Progress::silent;
        map.for_each_result<Noted, std::int64_t>(take);
        CHECK(text_of(file) == ascending);
    }
}

TEST_CASE("in order: of a chunk that is given up, what is there is handed out") {
    const Chain chain({{.kind = dummy_queue::FaultKind::evil, .ichunk = 1, .max_num_fails = 99}});
    auto options = chain.options();
    options.num_chunks = 5;
    options.max_num_resubmissions = 1;
    Seen seen;
    Pool(options).for_each_result(square, numbers(20), std::ref(seen));
    CHECK(seen.itasks == indices(20));
    REQUIRE(seen.failures.size() == 4);
    CHECK(seen.failures[0].itask == 4);
    CHECK(seen.failures[0].cause == Cause::error_state);
}

TEST_CASE("in order: what the caller throws ends the map and comes out of it") {
    const Site& site = all_sites[GENERATE(0, 1, 2, 3)];
    INFO(site.name);
    const Chain chain;
    struct EnoughSeen {};
    std::size_t num_seen = 0;
    const auto take = [&](std::size_t, Result<std::int64_t>) {
        if (++num_seen == 3) throw EnoughSeen();
    };
    CHECK_THROWS_AS(Pool(options_of(site, chain)).for_each_result(square, numbers(20), take), EnoughSeen);
    CHECK(num_seen == 3);
    if (!site.is_local) CHECK(chain.queue().num_tasks_left() == 0);
    CHECK(std::filesystem::exists(chain.work_dir() / "manifest.json"));
}

TEST_CASE("in order: a function that gives nothing has outcomes, too") {
    const Chain chain;
    std::size_t num_seen = 0;
    Pool(options_of(all_sites[3], chain))
        .for_each_result([](std::int64_t) {}, numbers(20),
                         [&](std::size_t itask, Result<void> outcome) {
                             CHECK(itask == num_seen++);
                             CHECK(outcome.has_value());
                         });
    CHECK(num_seen == 20);
}

TEST_CASE("in order: no tasks have no outcomes") {
    Pool(PoolOptions()).for_each_result(square, numbers(0), [](std::size_t, Result<std::int64_t>) {
        FAIL();
    });
}

TEST_CASE("in order: a map that is gone on with hands out all outcomes") {
    const Site& site = all_sites[GENERATE(0, 1, 2, 3)];
    INFO(site.name);
    const Resumed map(site);
    const auto expected = squares(30);
    struct EnoughSeen {};
    std::size_t num_seen = 0;
    const auto take_some = [&](std::size_t, Result<std::int64_t>) {
        if (++num_seen == 10) throw EnoughSeen();
    };
    CHECK_THROWS_AS(Pool(map.options()).for_each_result(map.function(), numbers(30), take_some), EnoughSeen);
    Seen seen;
    Pool(map.options()).for_each_result(map.function(), numbers(30), std::ref(seen));
    CHECK(seen.itasks == indices(30));
    CHECK(seen.values == expected);
}
